"""The image is there, and it is made of the files that this process runs from."""

from lab.runtime.docker.engine import Engine
from lab.runtime.docker.image_build import BuildError, Report, build
from lab.runtime.docker.image_source import (
    IMAGE,
    SOURCE_LABEL,
    repository_root,
    source_digest,
)
from lab.runtime.provider import MachineUnfit


def ensure_image(engine: Engine, report: Report) -> str:
    """Id of the image, built first if it is missing or of other files.

    Outside a clone of the repository there is nothing to build from, so an image
    that is there is taken as it is. Raises `MachineUnfit`.
    """
    repository = repository_root()
    found = engine.image(IMAGE)
    if found is not None:
        image_id, image_labels = found
        if repository is None or image_labels.get(SOURCE_LABEL) == source_digest(repository):
            return image_id
    if repository is None:
        raise MachineUnfit(
            f"the image {IMAGE} is missing", remedy="run images/build in a clone of the repository"
        )
    try:
        build(repository, report)
    except BuildError as error:
        raise MachineUnfit(
            f"the image {IMAGE} can't be built: {error}",
            remedy="see what images/build says; BASE_IMAGE names another base image",
        ) from error
    built = engine.image(IMAGE)
    if built is None:
        raise MachineUnfit(
            f"the image {IMAGE} was built by another engine than the one that DOCKER_HOST names",
            remedy="let DOCKER_HOST and the docker command agree",
        )
    return built[0]
