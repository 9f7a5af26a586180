"""Every file beside this one is refused with exactly the text of its ``.expected``.

Manifests that a lab file needs are below ``manifests/``, in a folder of its name.
"""

from pathlib import Path

import pytest

from lab.cli.sources import read_sources
from lab.kube.objects import parse_lab
from lab.topology.problems import LabFileError, Problem

FOLDER = Path(__file__).parent
SUFFIX = ".lab.yaml"
EXAMPLES = sorted((FOLDER.parents[1] / "examples").glob(f"*{SUFFIX}"))
CASES = sorted(path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}"))


def refusal(case: str, monkeypatch: pytest.MonkeyPatch) -> LabFileError:
    monkeypatch.chdir(FOLDER)
    with pytest.raises(LabFileError) as caught:
        parse_lab(read_sources(Path(f"{case}{SUFFIX}")))
    return caught.value


@pytest.mark.parametrize("case", CASES)
def test_the_message_is_exactly_what_the_file_beside_says(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = (FOLDER / f"{case}.expected").read_text("utf-8")

    assert f"{refusal(case, monkeypatch)}\n" == expected


@pytest.mark.parametrize("case", CASES)
def test_every_problem_says_where_what_and_what_to_do(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = refusal(case, monkeypatch).problems

    assert len(set(problems)) == len(problems), "the same problem twice"
    for problem in problems:
        assert (FOLDER / problem.location.file).is_file()
        assert 1 <= problem.location.line <= lines_of(problem)
        assert problem.message
        assert problem.remedy
        assert not problem.message.endswith(".")
        assert not problem.remedy.endswith(".")


def lines_of(problem: Problem) -> int:
    content = (FOLDER / problem.location.file).read_bytes()
    return content.count(b"\n") + 1


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_shipped_examples_are_not_refused(example: Path) -> None:
    lab, _ = parse_lab(read_sources(example))

    assert lab.tests


def test_there_are_enough_bad_lab_files() -> None:
    assert len(CASES) >= 60


def test_nothing_is_left_without_its_lab_file() -> None:
    expected = {path.name.removesuffix(".expected") for path in FOLDER.glob("*.expected")}
    manifests = {path.name for path in (FOLDER / "manifests").iterdir()}

    assert expected == set(CASES)
    assert manifests <= set(CASES)
