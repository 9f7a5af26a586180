"""Services for people."""

import pytest

from lab.cli.service_tables import service_tables

WIDE = len("NAME  ENDPOINTS") + 40


def last_line(endpoints: list[str], width: int | None) -> str:
    rows = [{"name": "web", "endpoints": endpoints}]
    return list(service_tables(rows, width=width))[-1]


@pytest.mark.parametrize(
    ("endpoints", "shown"),
    [
        ([], "<none>"),
        (["a:80", "b:80", "c:80"], "a:80,b:80,c:80"),
        (["a:80", "b:80", "c:80", "d:80", "e:80"], "a:80,b:80,c:80 + 2 more..."),
    ],
)
def test_of_many_endpoints_the_first_are_named(endpoints: list[str], shown: str) -> None:
    assert last_line(endpoints, None) == f"web   {shown}"
    assert last_line(endpoints, WIDE) == f"web   {shown}"


@pytest.mark.parametrize(
    ("width", "shown"),
    [(32, "a:80,b:80,c:80 + 2 more..."), (31, "a:80,b:80 + 3 more..."), (21, "5"), (2, "5")],
)
def test_no_address_is_cut(width: int, shown: str) -> None:
    """A part of an address says nothing, their number does."""
    line = last_line(["a:80", "b:80", "c:80", "d:80", "e:80"], width)
    assert line == f"web   {shown}"
