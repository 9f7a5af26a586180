"""What this machine can do for the docker runtime, and what to do where it can't."""

import shutil
from collections.abc import Mapping

from lab.runtime.docker.engine import Engine
from lab.runtime.docker.image_source import (
    IMAGE,
    SOURCE_LABEL,
    repository_root,
    source_digest,
)
from lab.runtime.provider import Capability, RuntimeFailure

NEEDED_FOR = "deploy --runtime docker"


def capabilities() -> tuple[Capability, ...]:
    """Everything that labs on an engine need, present or not."""
    try:
        engine = Engine.connect()
    except RuntimeFailure as error:
        return (
            Capability(
                name="Docker engine",
                present=False,
                needed_for=NEEDED_FOR,
                seen=str(error),
                remedy=error.remedy,
            ),
        )
    found = engine.image(IMAGE)
    return (
        Capability(
            name="Docker engine",
            present=True,
            needed_for=NEEDED_FOR,
            seen=f"{engine.version} answers",
            remedy="",
        ),
        image_capability(found[1] if found else None, builder=shutil.which("docker")),
    )


def image_capability(labels: Mapping[str, str] | None, *, builder: str | None) -> Capability:
    """Whether the image is there or can be built; `labels` are its own, None: it is not there."""
    repository = repository_root()
    if labels is None:
        seen = "built by the first deploy"
    elif repository is None or labels.get(SOURCE_LABEL) == source_digest(repository):
        seen = "there"
    else:
        seen = "there, of other files: built anew by the next deploy"
    if seen == "there" or (repository is not None and builder is not None):
        return Capability(
            name=f"image {IMAGE}", present=True, needed_for=NEEDED_FOR, seen=seen, remedy=""
        )
    if repository is None:
        remedy = "run images/build in a clone of the repository"
    else:
        remedy = "apt-get install docker.io"
    return Capability(
        name=f"image {IMAGE}",
        present=False,
        needed_for=NEEDED_FOR,
        seen="neither there nor to be built here",
        remedy=remedy,
    )
