import struct

from lab.runtime.docker.execution import Demultiplexer


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
