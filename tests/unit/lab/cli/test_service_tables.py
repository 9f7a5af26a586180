"""Services for people."""

import pytest

from lab.cli.service_tables import service_tables


@pytest.mark.parametrize(
    ("endpoints", "shown"),
    [
        ([], "<none>"),
        (["a:80", "b:80", "c:80"], "a:80,b:80,c:80"),
        (["a:80", "b:80", "c:80", "d:80", "e:80"], "a:80,b:80,c:80 + 2 more..."),
    ],
)
def test_of_many_endpoints_the_first_are_named(endpoints: list[str], shown: str) -> None:
    assert service_tables([{"name": "web", "endpoints": endpoints}]) == [
        {"name": "web", "endpoints": shown}
    ]
