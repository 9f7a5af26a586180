"""What Azure's own name server answers in a virtual network."""

from ipaddress import IPv4Address

from lab.cloud.dns_zone import internal_suffix, internal_zone, linked_zone, public_zone
from lab.contract.platform import DnsRecordType, DnsZone
from lab.topology.private_dns import PrivateDnsRecordSet, PrivateDnsZone, VirtualNetworkLink

A, CNAME = DnsRecordType.A, DnsRecordType.CNAME
MACHINES = {"hub": {"vm1": IPv4Address("10.1.0.4"), "DB": IPv4Address("10.1.0.5")}, "spoke": {}}


def records(zone: DnsZone | None) -> dict[tuple[str, str], tuple[str, ...]]:
    assert zone is not None
    return {(each.name, each.type.value): each.data for each in zone.record_sets}


def link(network: str, *, registers: bool = False) -> VirtualNetworkLink:
    return VirtualNetworkLink(name=network, virtual_network=network, registration_enabled=registers)


def zone(*links: VirtualNetworkLink, **names: tuple[DnsRecordType, str]) -> PrivateDnsZone:
    return PrivateDnsZone(
        name="corp.example",
        virtual_network_links=links,
        record_sets=tuple(
            PrivateDnsRecordSet(
                name="@" if name == "apex" else name, ttl=60, records={kind: (data,)}
            )
            for name, (kind, data) in names.items()
        ),
    )


def test_every_network_has_a_suffix_of_its_own() -> None:
    found = {
        internal_suffix("hub"),
        internal_suffix("spoke"),
        internal_suffix("other"),
    }
    assert len(found) == 3
    assert all(each.endswith(".ax.internal.cloudapp.net") for each in found)
    assert internal_suffix("hub") in found


def test_machines_are_in_the_zone_of_their_network_in_lower_case() -> None:
    assert records(internal_zone("x.internal.cloudapp.net", MACHINES["hub"])) == {
        ("vm1.x.internal.cloudapp.net", "A"): ("10.1.0.4",),
        ("db.x.internal.cloudapp.net", "A"): ("10.1.0.5",),
    }


def test_a_zone_answers_in_linked_networks_only() -> None:
    made = zone(link("hub"), www=(A, "10.1.0.9"))
    assert records(linked_zone(made, "hub", MACHINES)) == {("www.corp.example", "A"): ("10.1.0.9",)}
    assert linked_zone(made, "spoke", MACHINES) is None


def test_registered_machines_are_seen_from_every_linked_network() -> None:
    made = zone(link("hub", registers=True), link("spoke"))
    for network in ("hub", "spoke"):
        assert records(linked_zone(made, network, MACHINES)) == {
            ("vm1.corp.example", "A"): ("10.1.0.4",),
            ("db.corp.example", "A"): ("10.1.0.5",),
        }


def test_what_was_written_comes_before_what_registers_itself() -> None:
    made = zone(link("hub", registers=True), vm1=(A, "10.9.9.9"), db=(CNAME, "www.corp.example"))
    assert records(linked_zone(made, "hub", MACHINES)) == {
        ("vm1.corp.example", "A"): ("10.9.9.9",),
        ("db.corp.example", "CNAME"): ("www.corp.example",),
    }


def test_the_apex_is_the_zone_itself() -> None:
    assert records(linked_zone(zone(link("hub"), apex=(A, "10.1.0.9")), "hub", {})) == {
        ("corp.example", "A"): ("10.1.0.9",)
    }


def test_a_public_name_may_have_several_addresses() -> None:
    one, two = IPv4Address("203.0.113.10"), IPv4Address("203.0.113.11")
    found = public_zone(
        [("www.example.com", one), ("a.example.com", one), ("www.example.com", two)]
    )
    assert found.name == ""
    assert records(found) == {
        ("www.example.com", "A"): ("203.0.113.10", "203.0.113.11"),
        ("a.example.com", "A"): ("203.0.113.10",),
    }
