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


def test_of_a_mapping_that_is_the_same_object_on_the_same_line_nothing_is_made_again() -> None:
    root = entry()

    def made(each: Entry) -> list[object]:
        return [each.text("app"), each.origin["location"]]

    first = root.made_below("labels", made)
    assert root.made_below("labels", made) is first

    moved = compose(SourceFile(path="file.yaml", content=b"\n" + TEXT)).documents[0]
    again = Entry(moved, Usable(), (), moved.value).made_below("labels", made)

    assert first == ["nginx", Location("file.yaml", 7)]
    assert again == ["nginx", Location("file.yaml", 8)]


def test_of_what_was_left_out_or_has_parts_taken_out_everything_is_made() -> None:
    def label(each: Entry) -> str:
        return each.text("app", "none")

    assert entry().made_below("labels", label) == "nginx"
    assert entry().made_below("other", label) == "none"
    taken = entry(removed=frozenset({("labels", "app")}))
    assert taken.made_below("labels", label) == "none"
