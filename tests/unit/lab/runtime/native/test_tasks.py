from socket import socket, socketpair

from lab.runtime.native import tasks


def test_a_process_keeps_open_only_what_it_was_given() -> None:
    """What is kept counts ascending: all between is closed."""
    ours, theirs = socketpair()
    with ours, theirs, socket() as first, socket() as second:
        told = theirs.fileno()
        assert tasks.agent("crew 1", ["a", "b"], theirs).keep == (told,)
        workloads = tasks.workloads("crew 1", {"a": second, "b": first}, theirs)
        assert workloads.keep == (told, first.fileno(), second.fileno())
    assert tasks.cloud(ready_fd=7).keep == (7,)
    assert tasks.cloud().keep == ()


def test_every_process_has_a_name_of_its_own() -> None:
    """A restart and the log go by it."""
    ours, theirs = socketpair()
    with ours, theirs, socket() as listener:
        names = {
            tasks.cloud().name,
            tasks.agent("node-1", ["node-1"], theirs).name,
            tasks.workloads("node-1", {"node-1": listener}, theirs).name,
        }

    assert names == {"cloud", "agent node-1", "workloads node-1"}
