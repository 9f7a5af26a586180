"""Services for people."""

import pytest

from lab.cli.service_tables import service_tables

WIDE = len("NAME  ENDPOINTS") + 40


def last_line(endpoints: list[str], width: int | None) -> str:
    rows = [{"name": "web", "external_ip": None, "endpoints": endpoints}]
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


def test_beside_addresses_of_the_cloud_endpoints_are_shown_where_there_is_room() -> None:
    """As `kubectl get services` has them, in 80 columns; and all of them to who has more."""
    common = {"namespace": "default", "cluster_ip": "10.2.0.17", "endpoints": ["10.244.1.2:80"]}
    rows = [
        {**common, "name": "web", "type": "NodePort", "external_ip": None, "ports": "80:30086/TCP"},
        {
            **common,
            "name": "frontend",
            "type": "LoadBalancer",
            "external_ip": "198.51.100.13",
            "ports": "443:30087/TCP",
        },
    ]
    header, web, frontend = service_tables(rows, width=80)
    assert header.split() == [
        "NAMESPACE",
        "NAME",
        "TYPE",
        "CLUSTER",
        "IP",
        "EXTERNAL",
        "IP",
        "PORTS",
    ]
    assert web.split()[2:] == ["NodePort", "10.2.0.17", "<none>", "80:30086/TCP"]
    assert frontend.split()[4:] == ["198.51.100.13", "443:30087/TCP"]
    assert next(service_tables(rows, width=None)).split()[-1] == "ENDPOINTS"
