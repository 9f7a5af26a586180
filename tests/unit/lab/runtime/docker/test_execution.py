import os
import struct
import subprocess

from lab.runtime.docker.execution import Demultiplexer, sized


def frame(stream: int, content: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(content)) + content


def test_chunks_of_both_streams_are_told_apart_in_order() -> None:
    received = frame(1, b"out") + frame(2, b"error") + frame(1, b"more")
    assert list(Demultiplexer().feed(received)) == [(1, b"out"), (2, b"error"), (1, b"more")]


def test_a_chunk_may_come_in_any_number_of_pieces() -> None:
    received = frame(1, b"out") + frame(2, b"error")
    demultiplexer = Demultiplexer()
    pieces = [chunk for byte in received for chunk in demultiplexer.feed(bytes([byte]))]
    assert pieces == [(1, b"out"), (2, b"error")]


def test_an_empty_chunk_is_no_end() -> None:
    assert list(Demultiplexer().feed(frame(1, b"") + frame(1, b"x"))) == [(1, b""), (1, b"x")]


def test_a_command_finds_its_terminal_of_the_callers_size() -> None:
    """The words that follow are the command's own, whatever is in them."""
    words = sized(["printf", "%s|", "a b", "$0"], os.terminal_size((99, 33)))
    assert words[3:5] == ("33", "99")
    shown = subprocess.run(words, capture_output=True, text=True, check=True)
    assert shown.stdout == "a b|$0|"
