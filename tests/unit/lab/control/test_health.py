"""What is known of who is up."""

from lab.contract.load_balancing import ProbedBackend
from lab.control.health import Health

ONE = ProbedBackend(probe="lb/alive", host="vm1")
TWO = ProbedBackend(probe="lb/alive", host="vm2")


def test_who_is_up_is_what_its_host_said_last() -> None:
    health = Health()
    changes: list[str] = []
    health.changed = changes.append

    health.heard("vm1", up=["lb/alive"], down=[])
    health.heard("vm1", up=["lb/alive"], down=[])
    assert health.up({ONE, TWO}) == [ONE]
    health.heard("vm1", up=[], down=["lb/alive"])
    health.heard("vm2", up=["lb/alive"], down=[])
    assert health.up({ONE, TWO}) == [TWO]
    assert changes == ["vm1", "vm1", "vm2"], "what says nothing new is no news"


def test_what_is_not_named_stays() -> None:
    """An agent that has begun anew knows nothing yet, and its host is as it was."""
    health = Health()
    health.heard("vm1", up=["lb/alive"], down=[])
    health.heard("vm1", up=[], down=[])
    assert health.is_up(ONE)


def test_a_process_that_begins_anew_takes_members_for_up() -> None:
    health = Health()
    health.heard("vm2", up=[], down=["lb/alive"])
    health.trust([ONE, TWO])
    assert health.up({ONE, TWO}) == [ONE]
    health.heard("vm1", up=[], down=["lb/alive"])
    assert health.up({ONE, TWO}) == []
