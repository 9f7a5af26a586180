"""Marks of ownership: everything that a lab has in an engine carries them and is found by them."""

from collections.abc import Mapping
from enum import Enum

LAB = "vnetlab.lab"
ROLE = "vnetlab.role"
NODE = "vnetlab.node"
OWNER = "vnetlab.owner"
STATE_DIRECTORY = "vnetlab.state-directory"
SPECIFICATION = "vnetlab.specification"


class Role(Enum):
    """What a container or network of a lab is for."""

    CLOUD = "cloud"
    NODE = "node"
    UNDERLAY = "underlay"


def selection(
    *, lab: str | None = None, role: Role | None = None, node: str | None = None
) -> list[str]:
    """Filter of the Docker API for what belongs to `lab`, or to any lab."""
    chosen = [LAB if lab is None else f"{LAB}={lab}"]
    if role is not None:
        chosen.append(f"{ROLE}={role.value}")
    if node is not None:
        chosen.append(f"{NODE}={node}")
    return chosen


def marks(*, lab: str, role: Role, owner: int) -> dict[str, str]:
    """Labels that every object of a lab carries; `owner` is the user id that deployed it."""
    return {LAB: lab, ROLE: role.value, OWNER: str(owner)}


def specification_of(labels: Mapping[str, str]) -> str:
    """Digest of what the object was made to be; empty for what was made otherwise."""
    return labels.get(SPECIFICATION, "")
