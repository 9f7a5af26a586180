"""The places that a packet of a model's lab can pass, and a shell that stays open in each."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from tests.e2e.conftest import VNETLAB, DeployedLab
from tests.matrices.tables import FAR_POD, MACHINE, NEAR_POD, NODE, OTHER_NODE, POD

PLACES = {
    "pod one": POD,
    "pod two": NEAR_POD,
    "pod three": FAR_POD,
    "node 0": NODE,
    "node 1": OTHER_NODE,
    "vm": MACHINE,
    "switch 0": NODE.replace("node/", "host/"),
    "switch 1": OTHER_NODE.replace("node/", "host/"),
    "switch vm": MACHINE.replace("vm/", "host/"),
}
"""What pages call them, and what the command line does."""

END = "what was asked ends here"


class Shell:
    """A shell inside a place: one `vnetlab exec` for everything that is asked there."""

    def __init__(self, lab: DeployedLab, target: str) -> None:
        self._target = target
        self._process = subprocess.Popen(
            [*VNETLAB, "exec", "-n", lab.name, "--no-tty", target, "--", "sh"],
            env=lab.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, script: str) -> str:
        """What `script` prints."""
        self.begin(script)
        return self.end()

    def begin(self, script: str) -> None:
        """Have `script` run while others are asked."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{script}\nprintf '\\n%s\\n' '{END}'\n")
        self._process.stdin.flush()

    def end(self) -> str:
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            if line == f"{END}\n":
                return "".join(lines).removesuffix("\n")
            lines.append(line)
        raise AssertionError(f"the shell in {self._target} ended: {''.join(lines)}")

    def close(self) -> None:
        self._process.communicate()


@contextmanager
def shells_in(lab: DeployedLab) -> Iterator[Mapping[str, Shell]]:
    """A shell in every place, by the page's name for it."""
    with ExitStack() as stack:
        shells = {}
        for name, target in PLACES.items():
            shells[name] = Shell(lab, target)
            stack.callback(shells[name].close)
        yield shells
