"""Round trips of one byte over one TCP connection, one at a time.

    python3 round_trips.py serve PORT              answers one connection, then ends
    python3 round_trips.py ask ADDRESS PORT SECONDS

`serve` prints "listening" when it is; `ask` prints one JSON object: round trips per
second, and the median of a round trip in microseconds. Both run on the first
processor that they may use: whether two processes share a processor makes a larger
difference than the path between them, and the scheduler would decide anew each time.
"""

import json
import os
import socket
import statistics
import sys
import time

BYTE = b"x"


def serve(port: int) -> None:
    with socket.create_server(("", port)) as server:
        print("listening", flush=True)
        connection, _ = server.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while connection.recv(1):
            connection.sendall(BYTE)


def ask(address: str, port: int, seconds: float) -> dict[str, float]:
    taken = []
    with socket.create_connection((address, port), timeout=10) as connection:
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        started = now = time.perf_counter_ns()
        end = started + int(seconds * 1e9)
        while now < end:
            connection.sendall(BYTE)
            if not connection.recv(1):
                raise ConnectionError("the other side has gone")
            before, now = now, time.perf_counter_ns()
            taken.append(now - before)
    return {
        "per_second": len(taken) * 1e9 / (now - started),
        "microseconds": statistics.median(taken) / 1e3,
    }


def main(words: list[str]) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if words[0] == "serve":
        serve(int(words[1]))
    else:
        print(json.dumps(ask(words[1], int(words[2]), float(words[3]))))


if __name__ == "__main__":
    main(sys.argv[1:])
