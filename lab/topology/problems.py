"""What is wrong with a lab file, as values: where, what, why, and what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file that the user wrote."""

    file: str
    line: int
    """1-based; 0 when the file as a whole is meant."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that has to change before the lab can be built."""

    location: Location
    message: str
    """What is wrong and why, one sentence without a full stop."""
    remedy: str
    """What to do next, one sentence without a full stop."""

    def __str__(self) -> str:
        return f"{self.location}: {self.message}\n    {self.remedy}"


class LabFileError(ValueError):
    """The lab file or a manifest can't be used; carries every problem at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
