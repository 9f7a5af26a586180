"""Files that are no text for YAML, and what the parser's complaints are called."""

import pytest

from lab.topology.compose import compose
from lab.topology.problems import Problem
from lab.topology.sources import SourceFile
from lab.topology.syntax import FILE_LIMIT, SyntaxProblem, text


def refused(content: bytes) -> Problem:
    with pytest.raises(SyntaxProblem) as caught:
        text(SourceFile(path="lab.yaml", content=content))
    return caught.value.problem


def test_a_file_at_the_limit_is_read() -> None:
    assert len(text(SourceFile(path="lab.yaml", content=b"#" * FILE_LIMIT))) == FILE_LIMIT


def test_a_huge_file_is_refused_by_its_size_and_the_limit_is_told() -> None:
    problem = refused(b"#" * (FILE_LIMIT + 1))

    assert str(problem) == (
        "lab.yaml:1: the file is larger than 1 MiB, the limit\n"
        "    check that it is the file you mean, or split it"
    )


def test_bytes_that_are_no_utf_8_are_told_with_their_line() -> None:
    problem = refused(b"a: 1\nb: \xff\n")

    assert (problem.location.line, problem.message) == (2, "the file is not UTF-8 text: byte 0xff")


@pytest.mark.parametrize("character", ["\0", "\x07", "\x7f", "\x9f", "\ufffe"])
def test_characters_that_yaml_forbids_are_told_with_their_line(character: str) -> None:
    problem = refused(f"a: 1\nb: {character}\n".encode())

    assert problem.location.line == 2
    assert f"U+{ord(character):04X}" in problem.message


def test_letters_of_every_language_are_fine() -> None:
    written = "name: 子网 сеть 🙂"

    assert text(SourceFile(path="lab.yaml", content=written.encode())) == written


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("a:\n\tb: 1\n", "a tab where YAML wants spaces"),
        ("a: @b\n", "a value can't begin with '@'"),
        ("a: `b`\n", "a value can't begin with '`'"),
        ("a: b: c\n", "a key and its colon where no key can be"),
        ("a: 'b\n\n", "while scanning a quoted scalar from line 1"),
    ],
)
def test_the_commonest_mistakes_are_named(written: str, words: str) -> None:
    (problem,) = compose(SourceFile(path="lab.yaml", content=written.encode())).problems

    assert words in problem.message
