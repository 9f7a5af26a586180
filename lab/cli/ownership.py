"""Whose a name is: a lab belongs to one file and one runtime for as long as it runs."""

from lab.cli.errors import CommandFailed
from lab.cli.loading import Loaded
from lab.cli.runtimes import NATIVE
from lab.cli.service import LabService
from lab.runtime.state_directory import StateDirectory
from lab.topology.problems import LabFileError, Problem


def runtime_for(loaded: Loaded, wanted: str | None) -> str:
    """The runtime to deploy on: the one that has the lab already, else the wanted one.

    Raises `LabFileError` when another one than the wanted has the name.
    """
    has = StateDirectory.of(loaded.lab.name).runtime
    if has and wanted and has != wanted:
        raise name_in_use(loaded, f"it runs on the {has} runtime")
    return wanted or has or NATIVE


def refuse_other_file(loaded: Loaded, service: LabService) -> None:
    """Raises `LabFileError` when the running lab of the name came from another file."""
    try:
        standing = service.inspect("source").source.origin
    except CommandFailed:
        return  # nothing was applied yet; what else is wrong, applying will say
    if standing and standing != loaded.origin:
        raise name_in_use(loaded, f"it was deployed from {standing}")


def name_in_use(loaded: Loaded, reason: str) -> LabFileError:
    """The name is taken, and how to free it or to take another."""
    name = loaded.lab.name
    return LabFileError(
        [
            Problem(
                loaded.lab.at("metadata"),
                f'the name "{name}" is in use: {reason}',
                f"choose another metadata.name, or free it with: vnetlab destroy -n {name}",
            )
        ]
    )
