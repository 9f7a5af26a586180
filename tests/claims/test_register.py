"""The register is whole, and the list of what is missing tells the truth."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.claims.register import (
    NOT_YET_COVERED,
    Level,
    Proof,
    coverage,
    entries,
    listed_as_missing,
    missing_as_text,
    proofs,
    proofs_in,
)

TOTAL = 187
"""As many as the source documents were found to assert."""


def test_the_register_is_whole() -> None:
    """187 claims, numbered from 1 without a gap in each of A to L."""
    numbers = [claim.number for claim in entries() if claim.level is not Level.MATRIX]
    assert len(numbers) == len(set(numbers)) == TOTAL
    groups: dict[str, list[int]] = {}
    for number in numbers:
        groups.setdefault(number[0], []).append(int(number[1:]))
    assert "".join(groups) == "ABCDEFGHIJKL"
    assert all(found == list(range(1, len(found) + 1)) for found in groups.values())


def test_tests_carry_numbers_that_exist() -> None:
    """A mistyped number would count for nothing and be missed by nobody."""
    known = {claim.number for claim in entries()}
    assert [proof for proof in proofs() if proof.claim not in known] == []


def test_a_claim_is_not_proved_by_a_test_that_never_runs() -> None:
    assert [proof for proof in proofs() if not proof.runs] == []


def test_every_claim_is_either_covered_or_listed_as_missing() -> None:
    """Both lists together are the register, and no number is in both.

    Mend with ``python -m tests.claims --write`` after adding or removing a test.
    """
    now = coverage()
    listed = listed_as_missing()
    everything = {claim.number for claim in now.claims}
    assert set(listed) & now.covered == set()
    assert set(listed) | now.covered == everything
    assert NOT_YET_COVERED.read_text(encoding="utf-8") == missing_as_text(now.missing)


def test_the_command_prints_the_figure() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.claims"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    covered = TOTAL - len(listed_as_missing())
    assert done.stdout == f"claims covered: {covered} of {TOTAL}\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            '@pytest.mark.claim("A1", "A2")\ndef test_x(): ...',
            [("A1", True), ("A2", True)],
            id="on a function",
        ),
        pytest.param(
            '@pytest.mark.claim("A1")\n@pytest.mark.skip(reason="later")\ndef test_x(): ...',
            [("A1", False)],
            id="on a function that is skipped",
        ),
        pytest.param(
            '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.claim("A16"))])\n'
            "def test_x(x): ...",
            [("A16", True)],
            id="on a parameter",
        ),
        pytest.param(
            'pytestmark = [pytest.mark.e2e, pytest.mark.claim("K1")]',
            [("K1", True)],
            id="on a module",
        ),
        pytest.param('def claim(x): ...\nclaim("A1")', [], id="not a mark"),
    ],
)
def test_marks_are_read_from_the_source(source: str, expected: list[tuple[str, bool]]) -> None:
    found: list[Proof] = list(proofs_in(source, "x.py"))
    assert [(proof.claim, proof.runs) for proof in found] == expected
