from lab.runtime.docker import labels
from lab.runtime.docker.labels import Role


def test_what_a_lab_has_is_found_by_lab_and_role() -> None:
    assert labels.selection(lab="one", role=Role.NODE) == ["vnetlab.lab=one", "vnetlab.role=node"]


def test_what_any_lab_has_is_found_by_the_presence_of_its_label() -> None:
    assert labels.selection() == ["vnetlab.lab"]


def test_marks_satisfy_the_selection_that_looks_for_them() -> None:
    marks = labels.marks(lab="one", role=Role.CLOUD, owner=1000)
    for wanted in labels.selection(lab="one", role=Role.CLOUD):
        key, _, value = wanted.partition("=")
        assert marks[key] == value


def test_an_object_without_a_specification_matches_none() -> None:
    assert labels.specification_of({"vnetlab.lab": "one"}) == ""
