import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_its_script(shell, vnetlab) -> None:
    printed = vnetlab("completion", shell)
    assert printed.exit_code == 0
    assert "_VNETLAB_COMPLETE" in printed.out


def test_other_shells_are_refused(vnetlab) -> None:
    printed = vnetlab("completion", "csh")
    assert printed.exit_code == 2
    assert "'csh' is not one of" in printed.err
