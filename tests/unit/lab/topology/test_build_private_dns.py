"""Private DNS zones from the words of ``az network private-dns … -o json``."""

import pytest

from lab.contract.platform import DnsRecordType
from lab.topology.private_dns import PrivateDnsZone
from tests.unit.lab.topology.labs import CLOUD, parsed


def zone(properties: str) -> PrivateDnsZone:
    text = f"  privateDnsZones: [{{name: Corp.Example, {properties}}}]\n"
    return parsed(cloud=CLOUD + text).cloud.private_dns_zones[0]


def test_names_are_lower_case_and_links_register_nothing_by_themselves() -> None:
    found = zone("virtualNetworkLinks: [{name: Link, virtualNetwork: vnet01}]")
    (link,) = found.virtual_network_links
    assert (found.name, link.name, link.virtual_network) == ("corp.example", "Link", "vnet01")
    assert not link.registration_enabled


@pytest.mark.parametrize(
    ("records", "kind", "data"),
    [
        (
            "aRecords: [{ipv4Address: 10.0.0.4}, {ipv4Address: 10.0.0.5}]",
            DnsRecordType.A,
            ("10.0.0.4", "10.0.0.5"),
        ),
        ("aaaaRecords: [{ipv6Address: 'fd00:0::4'}]", DnsRecordType.AAAA, ("fd00::4",)),
        ("cnameRecord: {cname: Www.Example.com.}", DnsRecordType.CNAME, ("www.example.com",)),
        (
            "mxRecords: [{preference: 10, exchange: mail.example.com}]",
            DnsRecordType.MX,
            ("10 mail.example.com",),
        ),
        ("ptrRecords: [{ptrdname: a.example}]", DnsRecordType.PTR, ("a.example",)),
        (
            "srvRecords: [{priority: 0, weight: 5, port: 80, target: a.example}]",
            DnsRecordType.SRV,
            ("0 5 80 a.example",),
        ),
        (
            """txtRecords: [{value: [one, 'tw"o']}, {value: [three]}]""",
            DnsRecordType.TXT,
            ('"one" "tw\\"o"', '"three"'),
        ),
    ],
)
def test_records_of_every_type(records: str, kind: DnsRecordType, data: tuple[str, ...]) -> None:
    (found,) = zone(f"recordSets: [{{name: WWW, {records}}}]").record_sets
    assert (found.name, found.ttl, found.records) == ("www", 3600, {kind: data})
