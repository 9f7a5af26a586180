from lab.runtime.docker.capabilities import image_capability
from lab.runtime.docker.image_source import SOURCE_LABEL, repository_root, source_digest

DOCKER = "/usr/bin/docker"


def current() -> dict[str, str]:
    repository = repository_root()
    assert repository is not None
    return {SOURCE_LABEL: source_digest(repository)}


def test_a_missing_image_is_no_obstacle_where_it_can_be_built() -> None:
    image = image_capability(None, builder=DOCKER)
    assert image.present
    assert "built" in image.seen


def test_nothing_is_needed_to_build_an_image_that_is_there() -> None:
    assert image_capability(current(), builder=None).present


def test_an_image_of_other_files_is_built_anew() -> None:
    image = image_capability({SOURCE_LABEL: "0"}, builder=DOCKER)
    assert image.present
    assert "anew" in image.seen


def test_without_the_docker_command_the_remedy_is_to_install_it() -> None:
    image = image_capability(None, builder=None)
    assert not image.present
    assert image.remedy == "apt-get install docker.io"
