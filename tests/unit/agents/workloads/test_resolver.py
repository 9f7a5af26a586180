"""Which records answer a question."""

import pytest

from agents.workloads.resolver import Resolver
from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone

A, AAAA, CNAME, TXT = (
    DnsRecordType.A,
    DnsRecordType.AAAA,
    DnsRecordType.CNAME,
    DnsRecordType.TXT,
)


def zone(name: str, *records: tuple[str, DnsRecordType, str]) -> DnsZone:
    return DnsZone(
        name=name,
        record_sets=tuple(
            DnsRecordSet(name=each, type=kind, ttl=60, data=(data,)) for each, kind, data in records
        ),
    )


RESOLVER = Resolver(
    [
        zone(
            "corp.example",
            ("corp.example", A, "10.0.0.1"),
            ("db.corp.example", A, "10.0.0.2"),
            ("alias.corp.example", CNAME, "db.corp.example"),
            ("out.corp.example", CNAME, "www.example.com"),
            ("lost.corp.example", CNAME, "nowhere.example"),
            ("one.corp.example", CNAME, "two.corp.example"),
            ("two.corp.example", CNAME, "one.corp.example"),
            ("*.apps.corp.example", A, "10.0.0.9"),
            ("own.apps.corp.example", TXT, '"text"'),
            ("deep.below.corp.example", A, "10.0.0.8"),
        ),
        zone("sub.corp.example", ("x.sub.corp.example", A, "10.0.1.1")),
        zone(
            "",
            ("www.example.com", A, "203.0.113.10"),
            ("public.corp.example", A, "203.0.113.11"),
            ("db.corp.example", A, "203.0.113.12"),
        ),
    ]
)


def data(name: str, kind: DnsRecordType | None = A) -> list[str] | None:
    """None: there is no such name."""
    found = RESOLVER.find(name, kind)
    if not found.exists:
        assert all(each.type is CNAME for each in found.record_sets)
        return None
    return [each for record_set in found.record_sets for each in record_set.data]


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [
        pytest.param("db.corp.example", A, ["10.0.0.2"], id="a name"),
        pytest.param("db.corp.example", AAAA, [], id="of another type"),
        pytest.param("db.corp.example", None, [], id="of a type that nobody has"),
        pytest.param("corp.example", A, ["10.0.0.1"], id="the zone itself"),
        pytest.param("nobody.corp.example", A, None, id="no such name"),
        pytest.param("public.corp.example", A, None, id="a linked zone hides the public one"),
        pytest.param("www.example.com", A, ["203.0.113.10"], id="public"),
        pytest.param("example.com", A, [], id="above a name, nothing but there"),
        pytest.param("example.org", A, None, id="not in the public DNS"),
        pytest.param("below.corp.example", A, [], id="an empty name above another"),
        pytest.param("alias.corp.example", A, ["db.corp.example", "10.0.0.2"], id="alias"),
        pytest.param("alias.corp.example", CNAME, ["db.corp.example"], id="the alias asked for"),
        pytest.param("out.corp.example", A, ["www.example.com", "203.0.113.10"], id="alias out"),
        pytest.param("lost.corp.example", A, None, id="an alias of nothing"),
        pytest.param("x.apps.corp.example", A, ["10.0.0.9"], id="wildcard"),
        pytest.param("x.y.apps.corp.example", A, ["10.0.0.9"], id="wildcard further down"),
        pytest.param("own.apps.corp.example", A, [], id="a name of its own ends a wildcard"),
        pytest.param("x.own.apps.corp.example", A, None, id="and hides it for names below"),
        pytest.param("x.sub.corp.example", A, ["10.0.1.1"], id="the longest zone decides"),
        pytest.param("y.sub.corp.example", A, None, id="even where it has nothing"),
    ],
)
def test_a_question_is_answered_from_the_zone_that_decides(
    name: str, kind: DnsRecordType | None, answer: list[str] | None
) -> None:
    assert data(name, kind) == answer


def test_a_circle_of_aliases_ends() -> None:
    assert len(RESOLVER.find("one.corp.example", A).record_sets) == 8


def test_a_wildcards_records_bear_the_name_that_was_asked() -> None:
    (found,) = RESOLVER.find("x.apps.corp.example", A).record_sets
    assert found.name == "x.apps.corp.example"


def test_what_lies_in_no_zone_is_others_to_say() -> None:
    some = Resolver([zone("corp.example", ("a.corp.example", A, "10.0.0.1"))])

    assert some.find("a.corp.example", A).held
    assert some.find("b.corp.example", A).held
    assert not some.find("example", A).held
    assert not some.find("www.example.com", A).held


def test_without_zones_nothing_exists() -> None:
    assert not Resolver(()).find("www.example.com", A).exists
