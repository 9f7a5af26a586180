"""The underlay network of a lab in the engine: found, made, or made good."""

from lab.contract.underlay import UNDERLAY
from lab.runtime.docker import labels
from lab.runtime.docker.engine import Engine, Network
from lab.runtime.docker.labels import Role
from lab.runtime.docker.network import free_ranges
from lab.runtime.docker.refusals import AddressTaken
from lab.runtime.provider import MachineUnfit


def find(engine: Engine, *, lab: str) -> Network | None:
    """The lab's network; the engine lets two have one name, then the first by id is it."""
    return min(engine.networks(lab=lab), key=lambda network: network.id, default=None)


def ensure(engine: Engine, *, lab: str, owner: int) -> Network:
    """The lab's network, made if it is missing. Raises `MachineUnfit` when no range is free."""
    found = find(engine, lab=lab)
    if found is not None:
        return found
    marks = labels.marks(lab=lab, role=Role.UNDERLAY, owner=owner)
    taken = [subnet for network in engine.networks() for subnet in network.ranges]
    for subnet in free_ranges(taken):
        try:
            return engine.create_network(f"vnetlab-{lab}", subnet=subnet, marks=marks)
        except AddressTaken:
            # Another lab was faster.
            continue
    raise MachineUnfit(
        f"every range of {UNDERLAY} is in use by a network of the engine",
        remedy="destroy a lab, or remove networks that nothing uses (docker network prune)",
    )
