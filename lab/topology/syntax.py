"""From the bytes of a file to text, and from a YAML parser's complaint to a problem."""

import re

import yaml

from lab.topology.problems import Location, Problem
from lab.topology.sources import SourceFile

FILE_LIMIT = 1024 * 1024
"""Bytes that a lab file or a manifest may have."""

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)
_RESERVED = "@`%"


class SyntaxProblem(Exception):
    """The file is no YAML; nothing after the place can be read."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def text(source: SourceFile) -> str:
    """Return the text of a file.

    Raises `SyntaxProblem` for a file that is too large, is not UTF-8 or holds
    characters that YAML does not allow.
    """
    content = source.content
    if len(content) > FILE_LIMIT:
        raise SyntaxProblem(
            Problem(
                Location(source.path, 1),
                f"the file is larger than {FILE_LIMIT // 1024**2} MiB, the limit",
                "check that it is the file you mean, or split it",
            )
        )
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SyntaxProblem(
            Problem(
                Location(source.path, content.count(b"\n", 0, error.start) + 1),
                f"the file is not UTF-8 text: byte 0x{content[error.start]:02x}",
                "save it as UTF-8",
            )
        ) from None
    if strange := _UNPRINTABLE.search(decoded):
        raise SyntaxProblem(
            Problem(
                Location(source.path, decoded.count("\n", 0, strange.start()) + 1),
                f"character U+{ord(strange[0]):04X} is not allowed in YAML",
                'take it out, or write it as an escape in double quotes, for example "\\x07"',
            )
        )
    return decoded


def explain(error: yaml.YAMLError, source: SourceFile, text: str) -> Problem:
    """Say in plain words what the parser stumbled over."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(
            Location(source.path, 1), f"the file is not valid YAML: {error}", "correct the YAML"
        )
    location = Location(source.path, mark.line + 1)
    complaint = getattr(error, "problem", None) or str(error)
    character = _character(text, mark.line, mark.column)
    if "tab" in complaint or character == "\t":
        return Problem(location, "a tab where YAML wants spaces", "indent with spaces")
    if "cannot start any token" in complaint and character in _RESERVED:
        return Problem(
            location,
            f"a value can't begin with {character!r} in YAML",
            "put the value in quotes",
        )
    if "mapping values are not allowed" in complaint:
        return Problem(
            location,
            "the file is not valid YAML: a key and its colon where no key can be",
            "check the indentation, or put a value that contains ': ' in quotes",
        )
    return Problem(
        location,
        f"the file is not valid YAML: {complaint}{_opened(error, mark.line)}",
        "correct the YAML; the mistake may be on a line before this one",
    )


def _character(text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    if line < len(lines) and column < len(lines[line]):
        return lines[line][column]
    return ""


def _opened(error: yaml.YAMLError, line: int) -> str:
    """What was being read, when that began on another line."""
    begin = getattr(error, "context_mark", None)
    if begin is None or begin.line == line:
        return ""
    return f", {error.context} from line {begin.line + 1}"  # type: ignore[attr-defined]
