"""What is different in every run, or says nothing to a reader, gets a name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

SAYS_NOTHING = re.compile(r" (?:nhid \d+|src 0\.0\.0\.0|ttl 0 tos 0|table \d+|proto 118)(?= |$)")
"""Words of a switch's routes that the lab needs and the model does not."""

COMMENT = re.compile(r' -m comment --comment "[^"]*"')
PEER = re.compile(r"@if\d+\b")
BRIDGE_ID = re.compile(r"\b8000\.[0-9a-f]{12}\b")
WIDTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names for devices and MAC addresses of one run."""

    known: Mapping[str, str]

    def device(self, name: str) -> str:
        return self.known.get(name, name)

    def text(self, printed: str) -> str:
        """What a command printed, line by line, as a page shows it."""
        for word, name in self.known.items():
            printed = printed.replace(word, name)
        printed = PEER.sub("@ifN", printed)
        printed = BRIDGE_ID.sub("8000.MAC".ljust(17), COMMENT.sub("", printed))
        lines = (SAYS_NOTHING.sub("", line) for line in printed.expandtabs().splitlines())
        return "\n".join(re.sub(r"(?<=\S)  (?=dev|encap)", " ", line).rstrip() for line in lines)


def folded(line: str, indent: int = 4, width: int = WIDTH) -> str:
    """`line` within `width` columns: what does not fit goes on in the next, indented."""
    if len(line) <= width:
        return line
    cut = line.rfind(" ", indent + 1, width - 1)
    if cut < 0:
        return line
    return f"{line[:cut]} \\\n{folded(' ' * indent + line[cut:].strip(), indent, width)}"
