from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from ipaddress import IPv4Address, IPv4Network
from multiprocessing import get_context
from typing import NamedTuple

import pytest

from lab.contract.node_state import Address
from lab.contract.state_parts import Parts, assembled
from lab.contract.v1.agent_pb2 import Place
from lab.control.compiling import compile_sources
from lab.control.requests import from_request
from lab.topology.problems import LabFileError
from lab.topology.sources import LabSources, SourceFile
from tests.processes.labs import machines
from tests.unit.lab.control.edits import edits
from tests.unit.lab.control.files import CLUSTER, changed


def test_the_same_files_mean_the_same_bytes() -> None:
    first = compile_sources(CLUSTER, None)
    again = compile_sources(CLUSTER, first.ledger())

    assert again.states == first.states
    assert again.ledger() == first.ledger()


def test_every_host_has_its_state_and_its_underlay_address() -> None:
    compiled = compile_sources(CLUSTER, None)

    assert compiled.name == "small"
    assert set(compiled.states) == set(compiled.hosts) == set(compiled.pods)
    for node, encoded in compiled.states.items():
        state = assembled(encoded)
        assert state.name == node
        assert state.vswitch.underlay_address == compiled.hosts[node]
        assert len(state.pods) == compiled.pods[node]
    assert compiled.pods["vm1"] == 0
    assert sum(compiled.pods.values()) > 0


def test_underlay_addresses_come_out_of_the_given_range_and_stay_there() -> None:
    """A lab keeps the range of its first apply, whatever the process is told later."""
    sources = from_request(machines("a"))
    first = compile_sources(sources, None, underlay=IPv4Network("198.18.4.0/22"))
    again = compile_sources(sources, first.ledger(), underlay=IPv4Network("198.18.8.0/22"))

    assert first.hosts["a"] in IPv4Network("198.18.4.0/22")
    assert again.hosts == first.hosts


def test_allocations_outlive_what_is_added_before_them() -> None:
    first = compile_sources(from_request(machines("b")), None)
    again = compile_sources(from_request(machines("a", "b")), first.ledger())

    assert again.hosts["b"] == first.hosts["b"]


def test_problems_of_lab_file_and_manifests_come_together() -> None:
    (reference, manifest), *_ = CLUSTER.manifests
    broken = LabSources(
        lab=SourceFile(path="small.lab.yaml", content=CLUSTER.lab.content + b"surplus: 1\n"),
        manifests=((reference, SourceFile(path="web.yaml", content=b"kind: Nonsense\n")),),
    )
    assert manifest.path == "web.yaml"

    with pytest.raises(LabFileError) as caught:
        compile_sources(broken, None)

    assert {problem.location.file for problem in caught.value.problems} == {
        "small.lab.yaml",
        "web.yaml",
    }


def test_targets_become_places_of_the_wire() -> None:
    compiled = compile_sources(CLUSTER, None)
    (pod,) = [pod for pod in compiled.inventory().pods if pod.name.startswith("web")]

    assert compiled.resolve("vm/vm1").place == Place(node=True)
    assert compiled.resolve("host/vm1").place == Place(vswitch=True)
    in_pod = compiled.resolve("pod/web-0")
    assert in_pod.place == Place(pod_uid=pod.uid)
    assert in_pod.node == pod.node
    assert IPv4Address(in_pod.address) == IPv4Address(pod.address)
    with pytest.raises(LookupError, match="there is no 'vm/vm2' in the lab"):
        compiled.resolve("vm/vm2")


def test_what_runs_is_not_changed_in_place() -> None:
    moved = changed("10.245.0", "10.246.0")
    first = compile_sources(CLUSTER, None)

    with pytest.raises(LabFileError, match="PropertyChangeNotAllowed"):
        compile_sources(moved, first.ledger(), CLUSTER)
    assert compile_sources(CLUSTER, first.ledger(), CLUSTER).states == first.states


class Meaning(NamedTuple):
    """All that is told of a lab."""

    states: dict[str, Parts]
    ledger: str
    inventory: bytes
    hosts: dict[str, Address]
    pods: dict[str, int]
    warnings: tuple[str, ...]


def meaning(sources: LabSources, ledger: str | None, standing: LabSources | None) -> Meaning:
    """What `sources` mean on top of what stands."""
    compiled = compile_sources(sources, ledger, standing)
    return Meaning(
        states=dict(compiled.states),
        ledger=compiled.ledger(),
        inventory=compiled.inventory().SerializeToString(deterministic=True),
        hosts=dict(compiled.hosts),
        pods=dict(compiled.pods),
        warnings=compiled.warnings,
    )


def meanings(changes: Sequence[LabSources]) -> list[Meaning]:
    """What each of `changes` means when it is applied on top of the one before."""
    found: list[Meaning] = []
    ledger, standing = None, None
    for sources in changes:
        found.append(meaning(sources, ledger, standing))
        ledger, standing = found[-1].ledger, sources
    return found


def assert_nothing_shows(steps: Sequence[LabSources]) -> None:
    """A process that remembers says, to the byte, what one that has just begun says."""
    remembered = meanings(steps)

    processes = get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(max_workers=1, mp_context=processes, max_tasks_per_child=1) as fresh:
        calls = [
            fresh.submit(meaning, sources, remembered[index].ledger, steps[index])
            for index, sources in enumerate(steps[1:])
        ]
        for step, call in enumerate(calls, start=1):
            assert remembered[step] == call.result(), step


def test_what_was_compiled_before_does_not_show() -> None:
    assert_nothing_shows(
        [
            CLUSTER,
            CLUSTER,
            changed("192.0.2.0/24", "198.51.100.0/24"),
            changed("access: Deny", "access: Allow"),
            changed("clusters:", "# a line more\nclusters:"),
            changed("count: 1", "count: 3"),
            changed("replicas: 1", "replicas: 4"),
            changed("{name: vm1,", "{name: vm2,"),
            changed("image: nginx", "image: agnhost"),
            changed("port: 80", "port: 8080"),
            CLUSTER,
        ]
    )


@pytest.mark.parametrize("seed", range(2))
def test_nor_does_it_after_edits_of_every_kind(seed: int) -> None:
    """Nodes that come and go among them, in clusters of every network model."""
    assert_nothing_shows(list(edits(seed, 24)))


def test_whose_own_part_is_as_it_was_keeps_its_bytes() -> None:
    """A node more changes what others share; comparing the rest is comparing references."""
    first = compile_sources(CLUSTER, None)
    more = compile_sources(changed("count: 1", "count: 2"), first.ledger(), CLUSTER)

    for host, (own, *_) in first.states.items():
        assert more.states[host][0] is own
    assert any(more.states[host] != parts for host, parts in first.states.items())
