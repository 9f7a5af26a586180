"""The ledger as text, for whoever keeps it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from json.encoder import encode_basestring_ascii
from typing import Any, TypeVar

from lab.compile.ledger import InterfaceAllocation, Ledger, NodeRegistration, PodAllocation
from lab.remembering import Known, remembering, remembering_each
from lab.topology.virtual_network import SubnetReference

T = TypeVar("T")

VERSION = 1
_READ: Known[Ledger] = Known(maxsize=2)
"""What texts hold that were written or read last."""


class LedgerFormatError(ValueError):
    """Text that is no ledger of this version.

    It was written by another version of the program, or damaged: destroying and
    deploying the lab makes a new one.
    """


@remembering(by=lambda ledger: ledger.underlay, maxsize=1)
def to_json(ledger: Ledger) -> str:
    """The ledger as JSON; equal ledgers give equal text."""
    ordered = _in_order(ledger)
    text = _object(_sections(ordered))
    _READ.put(text, ordered)
    return text


def _sections(ledger: Ledger) -> dict[str, str]:
    """Everything by rising keys: the text of a ledger is to be the same always."""
    numbered = {str(number): each for number, each in enumerate(ledger.nodes)}
    return {
        "frontends": json.dumps(ledger.frontends),
        "interfaces": _object(_interface_text("interfaces", ledger.interfaces)),
        "networks": json.dumps(ledger.networks),
        "nodes": _array(_registration_text("nodes", numbered).values()),
        "pod_containers": _object(_interface_text("pod_containers", ledger.pod_containers)),
        "pods": _pods(ledger.pods),
        "public_addresses": _addresses_text(ledger.public_addresses),
        "service_addresses": _object(
            {
                cluster: _object({"/".join(key): _text(each) for key, each in addresses.items()})
                for cluster, addresses in ledger.service_addresses.items()
            }
        ),
        "service_node_ports": json.dumps(
            {
                cluster: [[*key, number] for key, number in numbers.items()]
                for cluster, numbers in ledger.service_node_ports.items()
            }
        ),
        "underlay": _text(ledger.underlay),
        "underlay_addresses": _addresses_text(ledger.underlay_addresses),
        "version": json.dumps(VERSION),
    }


@remembering_each(maxsize=2)
def _interface_text(interface: InterfaceAllocation) -> str:
    return _object(
        {
            "address": _text(interface.address),
            "secondary": _array(map(_text, interface.secondary)),
            "subnet": json.dumps(interface.subnet.subnet),
            "virtual_network": json.dumps(interface.subnet.virtual_network),
        }
    )


@remembering_each(maxsize=1)
def _registration_text(node: NodeRegistration) -> str:
    return _object(
        {
            "cluster": json.dumps(node.cluster),
            "last_reserved": _text(node.last_reserved),
            "node": json.dumps(node.node),
            "pod_cidr": _text(node.pod_cidr),
        }
    )


@remembering(by=lambda pods: "pods", maxsize=1)
def _pods(pods: Mapping[str, PodAllocation]) -> str:
    """Mostly all of them stay when something else is handed out."""
    return _object(_pod_text("pods", pods))


@remembering_each(maxsize=1)
def _pod_text(pod: PodAllocation) -> str:
    return _object({"address": _text(pod.address), "node": json.dumps(pod.node)})


def _object(members: Mapping[str, str]) -> str:
    """JSON of an object out of the JSON of its values: of most of them it is known."""
    written = [f"{encode_basestring_ascii(name)}: {text}" for name, text in members.items()]
    return f"{{{', '.join(written)}}}"


def _array(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


def from_json(text: str) -> Ledger:
    """The ledger that `text` holds; raises `LedgerFormatError` when it holds none.

    Mostly it is what was written last, or read.
    """
    ledger = _READ.get(text)
    if ledger is None:
        ledger = _read(text)
        _READ.put(text, ledger)
    return ledger


def _read(text: str) -> Ledger:
    try:
        document = json.loads(text)
        version = document["version"]
    except (ValueError, TypeError, KeyError) as error:
        raise LedgerFormatError(f"this is no ledger: {error!r}") from error
    if version != VERSION:
        raise LedgerFormatError(
            f"this ledger has version {version!r}, and this program reads {VERSION} only"
        )
    try:
        return _ledger(document)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LedgerFormatError(f"this ledger is damaged: {error!r}") from error


def _ledger(document: dict[str, Any]) -> Ledger:
    return Ledger(
        underlay=_network(document["underlay"]),
        networks={name: int(number) for name, number in document["networks"].items()},
        interfaces=_interfaces(document["interfaces"]),
        pod_containers=_interfaces(document.get("pod_containers", {})),
        public_addresses=_addresses(document["public_addresses"]),
        underlay_addresses=_addresses(document["underlay_addresses"]),
        frontends={name: int(number) for name, number in document.get("frontends", {}).items()},
        nodes=tuple(
            NodeRegistration(
                cluster=each["cluster"],
                node=each["node"],
                pod_cidr=_optional_network(each["pod_cidr"]),
                last_reserved=_optional_address(each["last_reserved"]),
            )
            for each in document["nodes"]
        ),
        pods={
            uid: PodAllocation(node=each["node"], address=_optional_address(each["address"]))
            for uid, each in document["pods"].items()
        },
        service_addresses={
            cluster: {
                (namespace, name): IPv4Address(text)
                for key, text in addresses.items()
                for namespace, _, name in (key.partition("/"),)
            }
            for cluster, addresses in document.get("service_addresses", {}).items()
        },
        service_node_ports={
            cluster: {
                (str(namespace), str(name), str(port)): int(number)
                for namespace, name, port, number in numbers
            }
            for cluster, numbers in document.get("service_node_ports", {}).items()
        },
    )


def _interfaces(texts: Mapping[str, Any]) -> dict[str, InterfaceAllocation]:
    return {
        host: InterfaceAllocation(
            subnet=SubnetReference(virtual_network=each["virtual_network"], subnet=each["subnet"]),
            address=_address(each["address"]),
            secondary=tuple(map(_address, each.get("secondary", ()))),
        )
        for host, each in texts.items()
    }


def _in_order(ledger: Ledger) -> Ledger:
    """`ledger` as it comes back from its text, to the order of every mapping."""
    return replace(
        ledger,
        networks=_sorted(ledger.networks),
        interfaces=_sorted(ledger.interfaces),
        pod_containers=_sorted(ledger.pod_containers),
        public_addresses=_sorted(ledger.public_addresses),
        underlay_addresses=_sorted(ledger.underlay_addresses),
        frontends=_sorted(ledger.frontends),
        pods=_sorted(ledger.pods),
        service_addresses={
            cluster: dict(sorted(addresses.items(), key=lambda each: "/".join(each[0])))
            for cluster, addresses in sorted(ledger.service_addresses.items())
        },
        service_node_ports=_sorted(ledger.service_node_ports),
    )


def _sorted(mapping: Mapping[str, T]) -> dict[str, T]:
    return {key: mapping[key] for key in sorted(mapping)}


def _addresses_text(addresses: Mapping[str, IPv4Address]) -> str:
    members = [_address_text(owner, int(address)) for owner, address in addresses.items()]
    return f"{{{', '.join(members)}}}"


def _addresses(texts: Mapping[str, str]) -> dict[str, IPv4Address]:
    return {owner: _address(text) for owner, text in texts.items()}


@lru_cache(maxsize=8192)
def _address_text(owner: str, number: int) -> str:
    """A member of an object; an address is found by its number at less cost."""
    return f"{encode_basestring_ascii(owner)}: {_text(IPv4Address(number))}"


def _text(value: IPv4Address | IPv4Network | None) -> str:
    """JSON."""
    return "null" if value is None else f'"{value}"'


def _optional_network(text: str | None) -> IPv4Network | None:
    return None if text is None else _network(text)


def _optional_address(text: str | None) -> IPv4Address | None:
    return None if text is None else _address(text)


@lru_cache(maxsize=8192)
def _address(text: str) -> IPv4Address:
    """Most of what was handed out stays so."""
    return IPv4Address(text)


@lru_cache(maxsize=1024)
def _network(text: str) -> IPv4Network:
    return IPv4Network(text)
