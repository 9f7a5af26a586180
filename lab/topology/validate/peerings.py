"""Peerings of virtual networks (semantics 2.5, 2.8)."""

from collections.abc import Iterator

from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.virtual_network import VirtualNetwork, VirtualNetworkPeering
from lab.topology.words import nearest


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the peerings of the cloud's virtual networks."""
    networks = {network.name: network for network in lab.cloud.virtual_networks}
    for network in lab.cloud.virtual_networks:
        peerings = network.virtual_network_peerings
        yield from duplicates(peerings, "peering", f" in virtual network '{network.name}'")
        yield from _limit(network, lab.limits.peerings_per_virtual_network)
        yield from _twice(network)
        for peering in peerings:
            yield from _remote(peering, network, networks=networks, usable=usable)
            if not usable.lacks("virtualNetworkGateways"):
                yield from _gateways(peering, network, lab, networks)
        yield from _overlaps(network, networks)


def _limit(network: VirtualNetwork, limit: int) -> Iterator[Problem]:
    count = len(network.virtual_network_peerings)
    if count > limit:
        yield Problem(
            network.at("virtualNetworkPeerings"),
            f"virtual network '{network.name}' has {count} peerings; {limit} is the limit",
            "take some out, or raise limits.peeringsPerVirtualNetwork",
        )


def _twice(network: VirtualNetwork) -> Iterator[Problem]:
    first: dict[str, VirtualNetworkPeering] = {}
    for peering in network.virtual_network_peerings:
        before = first.setdefault(peering.remote_virtual_network, peering)
        if before is not peering:
            yield Problem(
                peering.at("remoteVirtualNetwork"),
                f"peerings '{before.name}' and '{peering.name}' of virtual network "
                f"'{network.name}' both lead to '{peering.remote_virtual_network}'",
                "take one of them out",
            )


def _remote(
    peering: VirtualNetworkPeering,
    network: VirtualNetwork,
    *,
    networks: dict[str, VirtualNetwork],
    usable: Usable,
) -> Iterator[Problem]:
    remote = peering.remote_virtual_network
    if remote == network.name:
        yield Problem(
            peering.at("remoteVirtualNetwork"),
            f"peering '{peering.name}' leads from virtual network '{network.name}' to itself",
            "name another virtual network",
        )
    elif remote not in networks and not usable.lacks("virtualNetworks"):
        guess = nearest(remote, [name for name in networks if name != network.name])
        yield Problem(
            peering.at("remoteVirtualNetwork"),
            f"peering '{peering.name}' leads to virtual network '{remote}', which does not exist",
            f"did you mean '{guess}'?"
            if guess
            else f"define '{remote}' under cloud.virtualNetworks",
        )


def _gateways(
    peering: VirtualNetworkPeering,
    network: VirtualNetwork,
    lab: Lab,
    networks: dict[str, VirtualNetwork],
) -> Iterator[Problem]:
    """Whether `peering` may use the other network's gateway (semantics 2.5)."""
    if not peering.use_remote_gateways:
        return
    place, remote = peering.at("useRemoteGateways"), networks.get(peering.remote_virtual_network)
    owners = {gateway.virtual_network for gateway in lab.cloud.virtual_network_gateways}
    who = f"peering '{peering.name}' uses the gateway of virtual network"
    others = [
        each
        for each in network.virtual_network_peerings
        if each.use_remote_gateways and each is not peering
    ]
    if network.name in owners:
        yield Problem(
            place,
            f"{who} '{peering.remote_virtual_network}', and '{network.name}' has a gateway of "
            "its own",
            "write useRemoteGateways: false",
        )
    elif others and others[0].location.line < peering.location.line:
        yield Problem(
            place,
            f"{who} '{peering.remote_virtual_network}', and peering '{others[0].name}' uses "
            "another one: a network uses one gateway",
            "write useRemoteGateways: false in one of them",
        )
    elif remote is None:
        return
    elif remote.name not in owners:
        yield Problem(
            place,
            f"{who} '{remote.name}', which has none",
            "write useRemoteGateways: false, or define one under cloud.virtualNetworkGateways",
        )
    elif not any(
        each.remote_virtual_network == network.name and each.allow_gateway_transit
        for each in remote.virtual_network_peerings
    ):
        yield Problem(
            place,
            f"{who} '{remote.name}', whose own half doesn't allow that",
            f"write allowGatewayTransit: true in the peering of '{remote.name}' with "
            f"'{network.name}'",
        )


def _overlaps(network: VirtualNetwork, networks: dict[str, VirtualNetwork]) -> Iterator[Problem]:
    """Neither the two ends nor two peers of one network may share an address."""
    before: list[VirtualNetwork] = []
    for peering in network.virtual_network_peerings:
        remote = networks.get(peering.remote_virtual_network)
        if remote is None or remote is network or remote in before:
            continue
        place = peering.at("remoteVirtualNetwork")
        if shared := _shared(network, remote):
            yield Problem(
                place,
                f"virtual networks '{network.name}' ({shared[0]}) and '{remote.name}' "
                f"({shared[1]}) can't be peered: their address spaces overlap "
                "(VnetAddressSpacesOverlap)",
                "choose prefixes apart, or take the peering out",
            )
        for other in before:
            if shared := _shared(other, remote):
                yield Problem(
                    place,
                    f"virtual network '{remote.name}' ({shared[1]}) can't be peered with "
                    f"'{network.name}': it overlaps '{other.name}' ({shared[0]}), which is peered "
                    "already (VnetAddressSpaceOverlapsWithAlreadyPeeredVnet)",
                    "choose prefixes apart, or take one of the peerings out",
                )
        before.append(remote)


def _shared(first: VirtualNetwork, second: VirtualNetwork) -> tuple[str, str] | None:
    return next(
        (
            (str(one), str(other))
            for one in first.address_prefixes
            for other in second.address_prefixes
            if one.overlaps(other)
        ),
        None,
    )
