"""From the usable part of a document to security groups, application groups, service tags."""

from functools import lru_cache
from ipaddress import IPv4Network

from lab.contract.node_state import ANY_PORT, SecurityProtocol
from lab.topology.entry import Entry
from lab.topology.schema import formats
from lab.topology.security import (
    ANYWHERE,
    Access,
    ApplicationSecurityGroup,
    Direction,
    NetworkSecurityGroup,
    Peers,
    SecurityRule,
    ServiceTag,
)


def security_group(entry: Entry) -> NetworkSecurityGroup:
    """A network security group with its rules, in the order of the file."""
    return NetworkSecurityGroup(
        **entry.origin,
        name=entry.text("name"),
        security_rules=entry.made("securityRules", _rule),
    )


def application_security_group(entry: Entry) -> ApplicationSecurityGroup:
    """An application security group; its members name it, it names none."""
    return ApplicationSecurityGroup(**entry.origin, name=entry.text("name"))


def service_tag(entry: Entry) -> ServiceTag:
    """A service tag of the lab's own."""
    return ServiceTag(
        **entry.origin,
        name=entry.text("name"),
        address_prefixes=tuple(formats.prefix(each) for each in entry.texts("addressPrefixes")),
    )


def _rule(entry: Entry) -> SecurityRule:
    return SecurityRule(
        **entry.origin,
        name=entry.text("name"),
        priority=entry.number("priority"),
        direction=Direction(entry.text("direction")),
        access=Access(entry.text("access")),
        protocol=SecurityProtocol(entry.text("protocol")),
        source=_peers(entry, "source"),
        destination=_peers(entry, "destination"),
    )


def _peers(entry: Entry, side: str) -> Peers:
    """One side of a rule."""
    return _side(
        written=(
            *_single(entry, f"{side}AddressPrefix"),
            *entry.texts(f"{side}AddressPrefixes"),
        ),
        groups=entry.texts(f"{side}ApplicationSecurityGroups"),
        ports=(*_single(entry, f"{side}PortRange"), *entry.texts(f"{side}PortRanges")),
    )


@lru_cache(maxsize=8192)
def _side(*, written: tuple[str, ...], groups: tuple[str, ...], ports: tuple[str, ...]) -> Peers:
    """Whoever names nobody means everybody, as ``az network nsg rule create`` does."""
    prefixes: list[IPv4Network] = []
    tags: list[str] = []
    for text in written:
        match formats.security_prefix(text):
            case IPv4Network() as prefix:
                prefixes.append(prefix)
            case str() as tag:
                tags.append(tag)
    if not written and not groups:
        prefixes.append(ANYWHERE)
    return Peers(
        prefixes=tuple(prefixes),
        tags=tuple(tags),
        application_security_groups=groups,
        ports=tuple(formats.port_range(text) for text in ports) or ANY_PORT,
    )


def _single(entry: Entry, key: str) -> tuple[str, ...]:
    text = entry.text(key)
    return (text,) if text else ()
