"""Pods of a lab, and of a path made by hand, as ends of a connection."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.deployment import Deployment
from benchmarks.enclosure import Enclosure, standing
from benchmarks.transfer import Ends

SCRIPT = Path(__file__).parent / "drivers" / "handmade_path.sh"
HANDMADE = {"other node": ("pod2a", "10.244.2.2"), "same node": ("pod1b", "10.244.1.3")}
"""Path to the namespace and address of its server; pod1a is the client."""
DEADLINE = 60.0


@contextmanager
def by_hand(*arguments: str) -> Iterator[Enclosure]:
    """The paths that the script makes of its arguments, for as long as the block runs."""
    with standing(["sh", str(SCRIPT), *arguments], deadline=DEADLINE) as place:
        yield place


def ends_by_hand(place: Enclosure, path: str) -> Ends:
    server, address = HANDMADE[path]
    return Ends(
        client=place.inside("pod1a"),
        server=place.inside(server),
        address=address,
        environment=os.environ,
    )


def ends_in_lab(deployment: Deployment, path: str) -> Ends:
    """The first pod and another, on its node or not."""
    client, *others = json.loads(deployment.inspect("pods"))
    server = next(pod for pod in others if (pod["node"] == client["node"]) == (path == "same node"))
    return Ends(
        client=deployment.inside(f"pod/{client['name']}"),
        server=deployment.inside(f"pod/{server['name']}"),
        address=server["address"],
        environment=deployment.environment,
    )
