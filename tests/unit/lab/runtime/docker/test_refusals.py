import docker.errors
import pytest

from lab.runtime.docker.refusals import (
    AddressTaken,
    EngineRefused,
    NameTaken,
    gone_is_fine,
    refusals,
)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ('Conflict. The container name "/a" is already in use by container "b".', NameTaken),
        ("Pool overlaps with other one on this address space", AddressTaken),
        ("Address already in use", AddressTaken),
        ("no space left on device", EngineRefused),
    ],
)
def test_what_can_be_made_good_is_told_from_what_cannot(
    words: str, kind: type[EngineRefused]
) -> None:
    with pytest.raises(kind) as caught, refusals():
        raise docker.errors.APIError("409", explanation=words)
    assert type(caught.value) is kind
    assert str(caught.value) == words


def test_what_is_gone_needs_no_removing() -> None:
    with gone_is_fine():
        raise docker.errors.NotFound("404", explanation="No such container")


def test_what_is_being_removed_needs_no_removing() -> None:
    with gone_is_fine():
        raise docker.errors.APIError(
            "409", explanation="removal of container a is already in progress"
        )


def test_what_cannot_be_removed_is_an_error() -> None:
    with pytest.raises(EngineRefused) as caught, refusals(), gone_is_fine():
        raise docker.errors.APIError("403", explanation="network has active endpoints")
    assert "restart it, then destroy again" in caught.value.remedy
