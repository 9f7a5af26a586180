"""What a host's own services are to answer: from a desired state, and as part of a line of JSON."""

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from agents.objects.namespace import VSWITCH_NAMESPACE
from agents.render.instance_metadata import instance_metadata
from agents.render.interface_info import interface_info
from agents.workloads.health_checks import HealthCheck, health_checks_for
from lab.contract.load_balancing import HealthProbe
from lab.contract.node_state import NodeState
from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone

PLATFORM_PIN = VSWITCH_NAMESPACE
"""The services live beside the guest, in the virtual switch."""

PLATFORM = "platform"
"""In place of a pod's uid: the status of the services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformServices:
    """The contents of a host's own services."""

    zones: tuple[DnsZone, ...]
    instance: str
    """JSON text of ``/metadata/instance``."""
    interfaces: str
    """XML text of ``getinterfaceinfov1``."""
    cluster_zones: tuple[DnsZone, ...] = ()
    """Not its own, but of CoreDNS' pods on it."""
    address: str = ""
    """Of its guest, which load balancers' probes ask."""
    probes: tuple[HealthProbe, ...] = ()
    health_checks: tuple[HealthCheck, ...] = ()
    """Not its own either, but of kube-proxy on it."""


def platform_for(state: NodeState) -> PlatformServices | None:
    """The services of a host; None: it has none."""
    if state.platform is None:
        return None
    return PlatformServices(
        zones=state.platform.zones,
        instance=instance_metadata(state),
        interfaces=interface_info(state),
        cluster_zones=state.cluster_dns.zones if state.cluster_dns is not None else (),
        address=str(state.nic.primary.ip),
        probes=state.health_probes,
        health_checks=health_checks_for(state),
    )


def platform_fields(services: PlatformServices | None) -> dict[str, Any] | None:
    """As values of JSON."""
    if services is None:
        return None
    return {
        "zones": _zones_text(services.zones),
        "instance": services.instance,
        "interfaces": services.interfaces,
        "cluster_zones": _zones_text(services.cluster_zones),
        "address": services.address,
        "probes": [asdict(probe) for probe in services.probes],
        "health_checks": [
            [each.namespace, each.name, each.port, each.endpoints]
            for each in services.health_checks
        ],
    }


def platform_of(fields: dict[str, Any] | None) -> PlatformServices | None:
    """What `platform_fields` wrote. Raises ValueError or KeyError for anything else."""
    if fields is None:
        return None
    return PlatformServices(
        zones=_zones(fields["zones"]),
        instance=fields["instance"],
        interfaces=fields["interfaces"],
        cluster_zones=_zones(fields["cluster_zones"]),
        address=fields["address"],
        probes=tuple(HealthProbe(**each) for each in fields["probes"]),
        health_checks=tuple(
            HealthCheck(namespace=namespace, name=name, port=port, endpoints=endpoints)
            for namespace, name, port, endpoints in fields["health_checks"]
        ),
    )


# Zones name every machine of a network to every one of its hosts. Those that share a
# process have the same ones: written once and read once, they don't grow with both.
@lru_cache(maxsize=32)
def _zones_text(zones: tuple[DnsZone, ...]) -> str:
    return json.dumps(
        {
            zone.name: [
                [each.name, each.type.value, each.ttl, each.data] for each in zone.record_sets
            ]
            for zone in zones
        }
    )


@lru_cache(maxsize=32)
def _zones(text: str) -> tuple[DnsZone, ...]:
    return tuple(
        DnsZone(
            name=name,
            record_sets=tuple(
                DnsRecordSet(name=each, type=DnsRecordType(kind), ttl=ttl, data=tuple(data))
                for each, kind, ttl, data in record_sets
            ),
        )
        for name, record_sets in json.loads(text).items()
    )
