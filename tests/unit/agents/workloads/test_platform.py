"""The contents of a host's own services, and how they travel."""

import json
from dataclasses import replace

from agents.workloads.platform import platform_fields, platform_for, platform_of
from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone, Platform
from lab.contract.service import ClusterDns
from tests.unit.agents.states import machine

RECORD = DnsRecordSet(name="a.b", type=DnsRecordType.A, ttl=60, data=("10.0.0.1", "10.0.0.2"))
STATE = replace(
    machine(1),
    platform=Platform(zones=(DnsZone(name="", record_sets=(RECORD,)),)),
)


def test_services_arrive_as_they_were_sent() -> None:
    services = platform_for(STATE)
    assert services is not None
    assert platform_of(json.loads(json.dumps(platform_fields(services)))) == services


def test_names_of_the_cluster_travel_along() -> None:
    zone = DnsZone(name="cluster.local", record_sets=(RECORD,))
    services = platform_for(replace(STATE, cluster_dns=ClusterDns(zones=(zone,))))
    assert services is not None
    assert services.cluster_zones == (zone,)
    assert platform_of(json.loads(json.dumps(platform_fields(services)))) == services


def test_hosts_of_a_process_have_the_same_names_but_once() -> None:
    """They grow with the network; read for each of its hosts, they would grow with both."""
    lines = [json.dumps(platform_fields(platform_for(replace(STATE, name=n)))) for n in ("a", "b")]
    one, other = (platform_of(json.loads(line)) for line in lines)
    assert one is not None
    assert other is not None
    assert one.instance != other.instance
    assert one.zones is other.zones


def test_a_host_without_a_cloud_has_none() -> None:
    assert platform_for(machine(1)) is None
    assert platform_of(platform_fields(None)) is None


def test_contents_are_those_of_the_host() -> None:
    services = platform_for(STATE)
    assert services is not None
    assert json.loads(services.instance)["compute"]["name"] == "vm1"
    assert "10.0.0.4" in services.interfaces
