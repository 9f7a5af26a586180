"""What goes over the wire comes back equal, and equal states are equal bytes."""

from dataclasses import replace

import pytest

from lab.contract import codec
from lab.contract.v1 import node_state_pb2 as pb
from tests.unit.lab.contract.values import Values


@pytest.mark.parametrize("seed", range(200))
def test_any_state_comes_back_equal(seed: int) -> None:
    state = Values(seed).state()
    assert codec.decode(codec.encode(state)) == state


def test_equal_states_are_equal_bytes_whatever_the_order_of_their_mappings() -> None:
    state = Values(1).state()
    names = [f"net.ipv4.conf.eth{number}.rp_filter" for number in range(40)]
    forward = replace(state, sysctls=dict.fromkeys(names, "2"))
    backward = replace(state, sysctls=dict.fromkeys(reversed(names), "2"))
    assert codec.encode(forward) == codec.encode(backward)


def test_different_states_are_different_bytes() -> None:
    states = [Values(seed).state() for seed in range(200)]
    assert len({codec.encode(state) for state in states}) == len(states)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xff", "no node state"),
        (b"", "0 stands for no NodeKind"),
        (pb.NodeState(name="n", kind=1).SerializeToString(), "6 bytes, not 0"),
    ],
    ids=["damaged", "empty", "without a NIC"],
)
def test_bytes_that_hold_no_state_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(codec.CodecError, match=message):
        codec.decode(data)
