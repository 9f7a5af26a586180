import signal

import pytest

from lab.runtime.native.entrance import exit_code


@pytest.mark.parametrize(
    ("outcome", "code"), [(0, 0), (7, 7), (-signal.SIGTERM, 143), (-signal.SIGKILL, 137)]
)
def test_a_command_that_a_signal_ended_has_the_exit_code_a_shell_gives(
    outcome: int, code: int
) -> None:
    assert exit_code(outcome) == code
