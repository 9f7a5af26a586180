from pathlib import Path

import pytest

from agents.render.entry import NodePlace, Place, PodPlace, VswitchPlace
from lab.contract.v1.agent_pb2 import Place as WirePlace
from lab.runtime.native.provider import NativeRuntime, layout, place_of
from lab.runtime.provider import Runtime
from lab.runtime.state_directory import StateDirectory


@pytest.mark.parametrize(
    ("wire", "place"),
    [
        (WirePlace(node=True), NodePlace()),
        (WirePlace(vswitch=True), VswitchPlace()),
        (WirePlace(pod_uid="a"), PodPlace(uid="a")),
    ],
)
def test_every_place_on_the_wire_is_one_that_can_be_entered(wire: WirePlace, place: Place) -> None:
    assert place_of(wire) == place


def test_commands_look_for_a_hosts_things_where_its_agent_keeps_them() -> None:
    directory = layout("node-1").run_directory

    assert layout("node-1").namespaces == directory / "netns"
    assert layout("node-1").root == directory / "root"
    assert directory.name == "node-1"


def test_the_native_runtime_is_a_runtime() -> None:
    runtime: Runtime = NativeRuntime(StateDirectory(root=Path("/tmp/labs"), lab="a"))

    assert runtime.target == "unix:/tmp/labs/a/cloud.sock"
