from collections.abc import Mapping

from lab.remembering import continuing, remembering, remembering_each

Labels = Mapping[str, str]


class Worked:
    """A function that can be remembered, and what it was asked."""

    def __init__(self, *, maxsize: int = 8) -> None:
        self.asked: list[tuple[str, Labels]] = []
        self.work = remembering(by=_name, maxsize=maxsize)(self._work)

    def _work(self, name: str, labels: Labels) -> tuple[str, ...]:
        self.asked.append((name, labels))
        return (name, *labels)


def _name(name: str, labels: Labels) -> str:
    return name


def test_equal_arguments_are_answered_with_the_same_result() -> None:
    worked = Worked()

    first = worked.work("pod", {"app": "web"})

    assert worked.work("pod", {"app": "web"}) is first
    assert len(worked.asked) == 1


def test_other_arguments_are_worked_out_anew() -> None:
    worked = Worked()
    worked.work("pod", {"app": "web"})

    assert worked.work("pod", {"tier": "web"}) == ("pod", "tier")
    assert worked.work("pod", labels={"tier": "web"}) == ("pod", "tier")
    assert worked.work("pod", {"app": "web"}) == ("pod", "app")


def test_names_do_not_get_in_each_others_way() -> None:
    worked = Worked()
    worked.work("one", {})
    worked.work("other", {"app": "web"})

    worked.work("one", {})
    worked.work("other", {"app": "web"})

    assert len(worked.asked) == 2


def test_who_was_asked_for_longest_ago_is_forgotten() -> None:
    worked = Worked(maxsize=2)
    for name in ("one", "two", "one", "three"):
        worked.work(name, {})
    worked.asked.clear()

    for name in ("one", "three", "two"):
        worked.work(name, {})

    assert [name for name, _ in worked.asked] == ["two"]


def test_what_continues_begins_with_its_last_result_for_a_name() -> None:
    @continuing(by=lambda name, _: name, maxsize=2)
    def collected(before: tuple[str, ...] | None, name: str, item: str) -> tuple[str, ...]:
        return (*(before or ()), item)

    collected("one", "a")
    collected("two", "b")

    assert collected("one", "c") == ("a", "c")
    collected("three", "d")
    assert collected("two", "e") == ("e",)


class Each:
    """A function that can be asked for many at once, and what it was asked."""

    def __init__(self, *, maxsize: int = 8) -> None:
        self.asked: list[Labels] = []
        self.work = remembering_each(maxsize=maxsize)(self._work)

    def _work(self, labels: Labels) -> list[str]:
        self.asked.append(labels)
        return list(labels)


def test_of_many_only_those_are_worked_out_whose_argument_changed() -> None:
    each = Each()
    first = each.work("lab", {"one": {"app": "web"}, "other": {"app": "web"}})
    each.asked.clear()

    again = each.work("lab", {"more": {}, "other": {"tier": "web"}, "one": {"app": "web"}})

    assert again == {"more": [], "other": ["tier"], "one": ["app"]}
    assert list(again) == ["more", "other", "one"]
    assert again["one"] is first["one"]
    assert each.asked == [{}, {"tier": "web"}]


def test_who_is_not_asked_for_with_the_others_is_forgotten() -> None:
    each = Each()
    each.work("lab", {"one": {}, "other": {}})
    each.work("lab", {"other": {}})
    each.asked.clear()

    each.work("lab", {"one": {}, "other": {}})

    assert len(each.asked) == 1


def test_many_of_one_name_do_not_answer_for_those_of_another() -> None:
    each = Each(maxsize=1)
    each.work("lab", {"one": {}})
    each.work("other", {"one": {"app": "web"}})

    assert each.work("lab", {"one": {}}) == {"one": []}
    assert len(each.asked) == 3
