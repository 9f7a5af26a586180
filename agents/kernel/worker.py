"""The one thread that netlink, setns and tools run on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Worker:
    """Runs functions one after the other on a thread of its own.

    The network namespace is a property of a thread, and netlink blocks (shortly):
    neither may concern the thread of the event loop. One thread also makes every
    sequence of kernel calls of a host atomic towards the others of that host.
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"kernel-{name}")

    async def run(
        self,
        function: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **keywords: _Arguments.kwargs,
    ) -> _Result:
        """Run a function on the thread and wait for what it returns or raises.

        Cancelling the wait does not stop the function: what it changes stays
        consistent with what it recorded.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: function(*arguments, **keywords))

    def close(self) -> None:
        """End the thread once its work is done. Idempotent."""
        self._executor.shutdown(wait=True)
