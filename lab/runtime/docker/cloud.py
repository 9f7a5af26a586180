"""What runs in the cloud container: `lab.control`, told by the container's environment.

    VNETLAB_AGENTS        address:port where agents are served
    VNETLAB_UNDERLAY      range of the lab's underlay

and where no runtime does so from outside (a compose file):

    VNETLAB_LAB           name of the lab, whose state directory is then made
    VNETLAB_LAB_FILE      lab file to apply at the start
    VNETLAB_CREDENTIALS   directory with a directory for each node, to be filled with
                          certificates

Standard output carries one byte, written when both services listen; whatever is
for people to read goes to standard error.
"""

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path

from lab.contract.credentials import Credentials
from lab.control.config import ControlConfig
from lab.control.main import run
from lab.runtime.docker import credentials
from lab.runtime.docker.authority import lab_authority
from lab.runtime.docker.certificates import (
    cloud_identity,
    credential_files,
    node_identity,
)
from lab.runtime.docker.containers import CREDENTIALS_DIRECTORY, LAB_DIRECTORY
from lab.runtime.state_directory import StateDirectory, state_root
from lab.topology.load import manifest_paths
from lab.topology.sources import LabSources, SourceFile

STANDARD_OUTPUT = 1


def credentials_in(directory: Path) -> Credentials:
    """Paths of the files that `credential_files` names."""
    return Credentials(
        certificate=directory / "certificate.pem",
        key=directory / "key.pem",
        authority=directory / "authority.pem",
    )


def read_sources(path: Path) -> LabSources:
    """The lab file and those of its manifests that can be read."""
    lab = SourceFile(path=str(path), content=path.read_bytes())
    manifests = (
        (name, SourceFile(path=str(path.parent / name), content=(path.parent / name).read_bytes()))
        for name in manifest_paths(lab)
        if (path.parent / name).is_file()
    )
    return LabSources(lab=lab, manifests=tuple(manifests))


def issue_credentials(directory: Path, *, lab: str) -> Credentials:
    """Certificates for every node that has a directory below `directory`, and for the cloud.

    Those that are there stay, with the authority that issued them: a node reads
    its own at its start, which may be any time later.
    """
    authority = lab_authority(directory, lab=lab)
    now = datetime.now(UTC)
    own = directory / "cloud"
    own.mkdir(mode=0o700, exist_ok=True)
    for place in sorted(entry for entry in directory.iterdir() if entry.is_dir()):
        if (place / "key.pem").exists():
            continue
        if place == own:
            identity = cloud_identity(authority, now=now)
        else:
            identity = node_identity(authority, node=place.name, now=now)
        credentials.lay_out(place, credential_files(authority, identity))
    return credentials_in(own)


def control_config(environment: Mapping[str, str]) -> ControlConfig:
    """The configuration of the cloud process; makes what no runtime has made."""
    alone = "VNETLAB_LAB" in environment
    directory = _own_state(environment) if alone else Path(LAB_DIRECTORY)
    return ControlConfig(
        state_directory=directory,
        agents=environment["VNETLAB_AGENTS"],
        lab_service=directory / "cloud.sock",
        credentials=(
            issue_credentials(
                Path(environment["VNETLAB_CREDENTIALS"]), lab=environment["VNETLAB_LAB"]
            )
            if alone
            else credentials_in(Path(CREDENTIALS_DIRECTORY))
        ),
        apply=read_sources(Path(environment["VNETLAB_LAB_FILE"])) if alone else None,
        underlay=IPv4Network(environment["VNETLAB_UNDERLAY"]),
        ready_fd=os.dup(STANDARD_OUTPUT),
    )


def _own_state(environment: Mapping[str, str]) -> Path:
    """The state directory that the command line of this container finds."""
    state = StateDirectory(
        root=state_root(environment, os.geteuid()), lab=environment["VNETLAB_LAB"]
    )
    with state.locked("docker"):
        return state.path


def main() -> None:
    """Serve the lab until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    # What ps and pkill call it, as on the native runtime.
    Path("/proc/self/comm").write_text("cloud")
    run(control_config(os.environ))


if __name__ == "__main__":
    main()
