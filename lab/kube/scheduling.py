"""Which node a pod runs on.

A replica goes where fewest pods of its Deployment are, then where fewest pods are
at all, then to the first node. A pod that has its node stays there. What fits
nowhere is Pending.
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from lab.kube.instances import PodInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node as the scheduler sees it."""

    name: str
    max_pods: int
    """All pods count, those on the host network as well (as for kubelet)."""
    labels: Mapping[str, str]


def schedule(
    pods: Sequence[PodInstance], *, nodes: Sequence[Node], bound: Mapping[str, str]
) -> dict[str, str]:
    """The node of each pod, by uid; a uid that is missing is Pending.

    `bound` says where pods ran before, by uid: they stay as long as that node is
    there, even if it takes fewer pods by now.
    """
    return _Schedule(pods, nodes=nodes, bound=bound).place()


class _Schedule:
    def __init__(
        self, pods: Sequence[PodInstance], *, nodes: Sequence[Node], bound: Mapping[str, str]
    ) -> None:
        self._pods = pods
        self._nodes = nodes
        self._order = {node.name: number for number, node in enumerate(nodes)}
        self._placed: dict[str, str] = {}
        for pod in pods:
            node = bound.get(pod.uid)
            if node in self._order and (pod.node_name is None or pod.node_name == node):
                self._placed[pod.uid] = node
        self._room = {node.name: node.max_pods for node in nodes}
        for name in self._placed.values():
            self._room[name] -= 1

    def place(self) -> dict[str, str]:
        if len(self._placed) == len(self._pods):
            return self._placed  # All stay, and nobody waits.
        for _, group in groupby(self._pods, key=_controller):
            self._place_group(tuple(group))
        return self._placed

    def _place_group(self, pods: Sequence[PodInstance]) -> None:
        """Pods of one controller, which all have the same spec."""
        waiting = [pod for pod in pods if pod.uid not in self._placed]
        choice = self._choices(pods) if any(pod.node_name is None for pod in waiting) else iter(())
        for pod in waiting:
            node = pod.node_name if pod.node_name is not None else next(choice, None)
            if node is not None and self._room.get(node, 0) > 0:
                self._placed[pod.uid] = node
                self._room[node] -= 1

    def _choices(self, pods: Sequence[PodInstance]) -> Iterator[str]:
        """The best node for one more of `pods`, again and again, until all are full."""
        siblings = Counter(self._placed[pod.uid] for pod in pods if pod.uid in self._placed)
        selector = pods[0].spec.node_selector.items()
        heap = [
            (siblings[node.name], node.max_pods - self._room[node.name], number, node)
            for number, node in enumerate(self._nodes)
            if selector <= node.labels.items() and self._room[node.name] > 0
        ]
        heapq.heapify(heap)
        while heap:
            count, running, number, node = heapq.heappop(heap)
            yield node.name
            if self._room[node.name] > 0:
                heapq.heappush(heap, (count + 1, running + 1, number, node))


def _controller(pod: PodInstance) -> tuple[str, str, str]:
    return pod.namespace, pod.owner, pod.owner or pod.name
