"""Load balancers' probes of a host, asked from its virtual switch (semantics 2.3, 3.3).

As the fabric asks: from 168.63.129.16, to the network interface's own address, through
the security groups in front of it. One task for each probe; only what it comes to is told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from agents.workloads.platform import PLATFORM_PIN
from agents.workloads.sockets import NamespaceSockets
from lab.contract.load_balancing import HealthProbe
from lab.contract.node_state import Protocol
from lab.contract.platform import HOST_ADDRESS

_STATUS_LINE = 512
"""Bytes in which the status of an answer stands."""

Ask = Callable[[HealthProbe, str], Awaitable[bool]]
"""Whether the guest with an address answers a probe as it should; takes as long as that takes."""


class Tally:
    """What a probe comes to: the first answer is enough to be up, failures in a row to be down."""

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold
        self._failures = 0
        self.up: bool | None = None
        """None: not known yet."""

    def note(self, *, answered: bool) -> bool:
        """Count one more; returns whether that has changed anything."""
        before = self.up
        self._failures = 0 if answered else self._failures + 1
        if answered:
            self.up = True
        elif before is None or self._failures >= self._threshold:
            self.up = False
        return self.up is not before


class HealthProber:
    """Asks the guest of a host, for as long as load balancers want it to be asked."""

    def __init__(
        self,
        ask: Ask,
        *,
        tasks: asyncio.TaskGroup,
        changed: Callable[[], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`tasks` owns the probes; `changed` is called when one comes to something new."""
        self._ask = ask
        self._tasks = tasks
        self._changed = changed
        self._sleep = sleep
        self._address = ""
        self._probing: dict[HealthProbe, tuple[Tally, asyncio.Task[None]]] = {}

    @property
    def health(self) -> Mapping[str, bool]:
        """Whether the guest is up, by the name of each probe that has found out."""
        return {
            probe.name: tally.up
            for probe, (tally, _) in self._probing.items()
            if tally.up is not None
        }

    def apply(self, address: str, probes: tuple[HealthProbe, ...]) -> None:
        """Have exactly these asked, at once and then at their intervals."""
        gone = [probe for probe in self._probing if probe not in probes]
        for probe in gone if address == self._address else list(self._probing):
            _, task = self._probing.pop(probe)
            task.cancel()
        self._address = address
        for probe in probes:
            if probe not in self._probing:
                tally = Tally(probe.threshold)
                task = self._tasks.create_task(
                    self._keep_asking(probe, tally), name=f"probe {probe.name}"
                )
                self._probing[probe] = tally, task

    def close(self) -> None:
        """Ask no more."""
        self.apply("", ())

    async def _keep_asking(self, probe: HealthProbe, tally: Tally) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + probe.interval_seconds
            try:
                async with asyncio.timeout_at(due):
                    answered = await self._ask(probe, self._address)
            except (TimeoutError, OSError):
                answered = False
            if tally.note(answered=answered):
                self._changed()
            await self._sleep(due - loop.time())


async def ask_over(sockets: NamespaceSockets, probe: HealthProbe, address: str) -> bool:
    """Ask once: a connection, and over it HTTP if the probe wants that.

    Raises `OSError` when there is no connection.
    """
    loop = asyncio.get_running_loop()
    calling = partial(sockets.calling, PLATFORM_PIN, Protocol.TCP)
    with await loop.run_in_executor(sockets.thread, calling) as connection:
        connection.bind((str(HOST_ADDRESS), 0))
        await loop.sock_connect(connection, (address, probe.port))
        if not probe.request_path:
            return True
        question = f"GET {probe.request_path} HTTP/1.1\r\nHost: {address}:{probe.port}\r\n"
        await loop.sock_sendall(connection, f"{question}Connection: close\r\n\r\n".encode())
        said = b""
        while b"\r\n" not in said and len(said) < _STATUS_LINE:
            more = await loop.sock_recv(connection, _STATUS_LINE)
            if not more:
                break
            said += more
        return said.partition(b"\r\n")[0].split(b" ")[1:2] == [b"200"]
