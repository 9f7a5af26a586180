"""Documents that know where their values were written."""

from lab.topology.compose import compose
from lab.topology.document import Document, child
from lab.topology.problems import Location
from lab.topology.sources import SourceFile

TEXT = b"""clusters:
  - name: aks01
    nodePools:
      - count: 1
      - name: pool2
"""


def document() -> Document:
    return compose(SourceFile(path="lab.yaml", content=TEXT)).documents[0]


def test_an_entry_is_located_at_its_key_or_list_item() -> None:
    assert document().location(("clusters", 0, "nodePools", 1)) == Location("lab.yaml", 5)


def test_what_is_missing_is_located_where_it_would_be() -> None:
    assert document().location(("clusters", 0, "podCidr")) == Location("lab.yaml", 2)


def test_the_document_itself_has_a_place() -> None:
    assert document().location() == Location("lab.yaml", 1)


def test_list_items_are_called_by_their_name_if_they_have_one() -> None:
    described = document().describe

    assert described(("clusters", 0, "nodePools", 0, "count")) == (
        "clusters[aks01].nodePools[0].count"
    )
    assert described(("clusters", 0, "nodePools", 1)) == "clusters[aks01].nodePools[pool2]"


def test_a_child_that_is_not_there_is_none() -> None:
    assert child({"a": 1}, "b") is None
    assert child([1], 1) is None
    assert child("text", 0) is None
