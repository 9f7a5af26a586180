import os
from pathlib import Path

import pytest

from lab.runtime.provider import RuntimeFailure
from lab.runtime.state_directory import LONGEST_SOCKET_PATH, StateDirectory, state_root

ME = os.geteuid()


def test_a_told_directory_comes_before_all_others() -> None:
    environment = {"VNETLAB_STATE_DIR": "/srv/labs", "XDG_RUNTIME_DIR": "/"}

    assert state_root(environment, ME) == Path("/srv/labs")


def test_a_session_directory_of_another_user_does_not_count() -> None:
    """su hands over the environment of the user before."""
    nobody = 0 if ME else 65534

    assert state_root({"XDG_RUNTIME_DIR": "/nonexistent"}, ME) == Path(f"/tmp/vnetlab-{ME}")
    assert state_root({"XDG_RUNTIME_DIR": str(Path.home())}, nobody + 1) == Path(
        f"/tmp/vnetlab-{nobody + 1}"
    )


@pytest.mark.parametrize("name", ["", "..", "a/b", "Lab", "-lab", "lab-", "a" * 64, "lab\n"])
def test_what_is_no_name_of_a_lab_never_becomes_a_path(name: str) -> None:
    with pytest.raises(RuntimeFailure):
        StateDirectory(root=Path("/tmp"), lab=name)


def test_the_longest_name_leaves_room_for_a_socket_below_the_usual_roots() -> None:
    for root in ("/run/user/4294967294/vnetlab", "/tmp/vnetlab-4294967294"):
        state = StateDirectory(root=Path(root), lab="a" * 63)
        assert len(str(state.capsule_socket)) <= LONGEST_SOCKET_PATH
