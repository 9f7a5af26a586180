"""The register of claims, and which of them the tests carry.

Reads the marks from the source of the tests, not from a run: the figure is the
same on a machine that cannot run half of them.
"""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

HERE = Path(__file__).parent
TESTS = HERE.parent
NOT_YET_COVERED = HERE / "not_yet_covered.txt"
NEVER_RUN = frozenset({"skip", "xfail"})


class Level(Enum):
    """How far a claim binds; `register.toml` says what each means."""

    MUST = "must"
    SHOULD = "should"
    CHECK = "check"
    CORRECTED = "corrected"
    MATRIX = "matrix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One numbered assertion of the source documents."""

    number: str
    level: Level
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A test function, or a parameter of one, that carries a claim."""

    claim: str
    place: str
    """``tests/e2e/test_x.py:12``."""
    runs: bool
    """Not marked to be skipped or to fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the tests prove of the register."""

    claims: tuple[Claim, ...]
    """Without the matrices, in the order of the register."""
    covered: frozenset[str]

    def __str__(self) -> str:
        return f"claims covered: {len(self.covered)} of {len(self.claims)}"

    @property
    def missing(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if claim.number not in self.covered)


def entries() -> tuple[Claim, ...]:
    """Everything in the register, the matrices at the end."""
    document = tomllib.loads((HERE / "register.toml").read_text(encoding="utf-8"))
    return tuple(
        Claim(number=number, level=Level(level), title=title)
        for group in document.values()
        for number, (level, title) in group.items()
    )


def proofs_in(source: str, place: str) -> Iterator[Proof]:
    """The claim marks of one file of tests."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                group = node.decorator_list
            case ast.Call(func=ast.Attribute(attr="param"), keywords=keywords):
                group = [keyword.value for keyword in keywords if keyword.arg == "marks"]
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                group = [value]
            case _:
                continue
        marks = [mark for expression in group for mark in _marks(expression)]
        runs = not any(name in NEVER_RUN for name, _, _ in marks)
        for name, arguments, line in marks:
            if name == "claim":
                for number in arguments:
                    yield Proof(claim=number, place=f"{place}:{line}", runs=runs)


def _marks(expression: ast.expr) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """(name, literal arguments, line) of each pytest.mark in a decorator or list of marks.

    Marks inside a ``parametrize`` belong to its parameters, which
    `proofs_in` meets by themselves.
    """
    match expression:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            for element in elements:
                yield from _marks(element)
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="mark"), attr=name), args=args):
            literals = tuple(str(arg.value) for arg in args if isinstance(arg, ast.Constant))
            yield name, literals, expression.lineno
        case ast.Attribute(value=ast.Attribute(attr="mark"), attr=name):
            yield name, (), expression.lineno


def proofs() -> tuple[Proof, ...]:
    """Every claim mark below ``tests/``."""
    return tuple(
        proof
        for path in sorted(TESTS.rglob("test_*.py"))
        for proof in proofs_in(
            path.read_text(encoding="utf-8"), str(path.relative_to(TESTS.parent))
        )
    )


def coverage() -> Coverage:
    """The register against the tests as they are now."""
    claims = tuple(claim for claim in entries() if claim.level is not Level.MATRIX)
    numbers = {claim.number for claim in claims}
    carried = {proof.claim for proof in proofs() if proof.runs}
    return Coverage(claims=claims, covered=frozenset(numbers & carried))


def listed_as_missing() -> tuple[str, ...]:
    """The numbers in `not_yet_covered.txt`, in its order."""
    lines = NOT_YET_COVERED.read_text(encoding="utf-8").splitlines()
    return tuple(line.split()[0] for line in lines if line and not line.startswith("#"))


def missing_as_text(missing: tuple[Claim, ...]) -> str:
    """What `not_yet_covered.txt` has to say."""
    head = "# Claims that no test carries yet; `python -m tests.claims --write` mends this.\n"
    return head + "".join(f"{claim.number:<4} {claim.title}\n" for claim in missing)
