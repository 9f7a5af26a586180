import pytest

from lab.runtime.native.identity import IdentityMap


@pytest.mark.parametrize(
    ("users", "single"),
    [
        ("0 1000 1\n", True),
        ("0 0 4294967295\n", False),
        ("0 1000 1\n1 100000 65536\n", False),
        ("0 1000 2\n", False),
    ],
)
def test_a_map_is_single_when_there_is_one_user_inside(users: str, *, single: bool) -> None:
    assert IdentityMap(users=users, groups=users).single is single
