import pytest

from agents.probes.place import place_of
from agents.probes.tool import ProbeError
from agents.render.entry import NodePlace, PodPlace, VswitchPlace
from lab.contract.v1.agent_pb2 import Place


def test_every_place_of_the_wire_is_a_place() -> None:
    assert place_of(Place(node=True)) == NodePlace()
    assert place_of(Place(vswitch=True)) == VswitchPlace()
    assert place_of(Place(pod_uid="u1")) == PodPlace(uid="u1")


def test_no_place_is_not_taken_for_the_node() -> None:
    with pytest.raises(ProbeError, match="names no place"):
        place_of(Place())
