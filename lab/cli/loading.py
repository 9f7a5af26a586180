"""A lab file on this machine, read, parsed and compiled as the cloud process will find it."""

from dataclasses import dataclass
from pathlib import Path

from lab.cli.sources import read_sources
from lab.compile import Compilation, Ledger, compile_lab
from lab.contract.underlay import UNDERLAY
from lab.contract.v1.lab_pb2 import InspectReply
from lab.control.inventory import inventory
from lab.kube.objects import parse_lab
from lab.topology.model import Lab
from lab.topology.sources import LabSources


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A lab that can be deployed."""

    file: Path
    sources: LabSources
    lab: Lab
    compilation: Compilation
    """As for a new lab: one that runs keeps its allocations."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What works, but not as one may think."""
        return tuple(map(str, self.compilation.warnings))

    @property
    def inventory(self) -> InspectReply:
        """What would be, as `vnetlab inspect` would show it."""
        return inventory(self.compilation)

    @property
    def origin(self) -> str:
        """What tells the file from others in which a lab has the same name."""
        return str(self.file.resolve())

    @property
    def summary(self) -> str:
        """What is in it, in numbers."""
        counts = {
            "machine": len(self.compilation.nodes),
            "pod": len(self.compilation.pods),
            "test": len(self.lab.tests),
        }
        return ", ".join(counted(count, noun) for noun, count in counts.items())


def load(file: Path) -> Loaded:
    """Read and compile `file`. Raises `LabFileError` with every problem at once."""
    sources = read_sources(file)
    lab, manifests = parse_lab(sources)
    compilation = compile_lab(lab, manifests, Ledger(underlay=UNDERLAY))
    return Loaded(file=file, sources=sources, lab=lab, compilation=compilation)


def counted(count: int, noun: str) -> str:
    """``1 pod``, ``2 pods``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
