"""Mappings read property by property."""

from lab.topology.compose import compose
from lab.topology.entry import Entry
from lab.topology.problems import Location
from lab.topology.sources import SourceFile
from lab.topology.usable import Usable
from lab.topology.written import NO_PLACES

TEXT = b"""name: a
count: 3
flag: true
paths:
  - one
  - two
labels: {app: nginx}
items:
  - name: first
  - name: second
"""


def entry(**removed: frozenset[tuple[str | int, ...]]) -> Entry:
    document = compose(SourceFile(path="file.yaml", content=TEXT)).documents[0]
    return Entry(document, Usable(**removed), (), document.value)


def test_properties_have_their_types_and_what_is_left_out_its_default() -> None:
    read = entry()

    assert (read.text("name"), read.text("other", "b")) == ("a", "b")
    assert (read.number("count"), read.number("other", 7)) == (3, 7)
    assert read.flag("flag", default=False)
    assert read.flag("other", default=True)
    assert read.texts("paths") == ("one", "two")
    assert read.mapping("labels") == {"app": "nginx"}
    assert read.parsed("name", len) == 1
    assert read.parsed("other", len) is None


def test_what_was_taken_out_is_passed_over() -> None:
    read = entry(removed=frozenset({("items", 0), ("count",)}))

    assert [each.text("name") for each in read.entries("items")] == ["second"]
    assert read.number("count", 1) == 1


def test_the_origin_says_where_each_property_and_list_entry_stands() -> None:
    origin = entry().origin

    assert origin["location"] == Location("file.yaml", 1)
    assert origin["places"]["count"].line == 2
    assert origin["places"]["paths[1]"].line == 6


def test_a_mapping_that_was_left_out_is_empty() -> None:
    below = entry().below("other")

    assert below.text("name") == ""
    assert below.origin["places"] is NO_PLACES
