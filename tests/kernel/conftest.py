"""Runs this tier in namespaces of its own and shows each result as if it had run here.

The tests change links, routes, rules and sysctls: they may only do that in a
user, network, mount and process namespace made for them. So the run that
collects them starts a second one inside such namespaces, once, and replays its
reports. Where the namespaces cannot be had, every test fails and says why.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

_CHANNEL = "VNETLAB_KERNEL_TIER"
"""Set inside: the descriptor that reports go to."""

_OUTER_TIMEOUT = 600
"""Seconds; for a run inside that hangs between its tests."""

_NAMESPACES = (
    "unshare", "--user", "--map-root-user", "--net", "--mount", "--ipc", "--uts",
    "--pid", "--fork", "--mount-proc", "--kill-child", "--",
)  # fmt: skip

# A file system of its own for pins and temporary files, and sysfs of its own network.
_FURNISH = """
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mount -t sysfs sysfs /sys 2>/dev/null || :
exec "$@"
"""


class _Tier:
    """The run inside, started with the first test that asks for its result."""

    def __init__(self, config: pytest.Config, node_ids: list[str]) -> None:
        self._config = config
        self._node_ids = node_ids
        self._process: subprocess.Popen[bytes] | None = None
        self._reports: IO[str] | None = None
        # A file, not a pipe: nobody reads it while reports are being read.
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115
        self._missing = ""

    def reports_of(self, item: pytest.Item) -> Iterator[pytest.TestReport]:
        """The reports of a test, in order; one failure where it could not be run."""
        if self._reports is None:
            self._start()
        for line in self._reports or ():
            report = self._config.hook.pytest_report_from_serializable(
                config=self._config, data=json.loads(line)
            )
            assert report.nodeid == item.nodeid, f"{report.nodeid} instead of {item.nodeid}"
            yield report
            if report.when == "teardown":
                return
        yield self._lost(item)

    def end(self) -> None:
        """End the run inside, with whatever it started."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._reports is not None:
            self._reports.close()
        self._printed.close()

    def _start(self) -> None:
        read, write = os.pipe()
        self._reports = os.fdopen(read)
        pytest_inside = [
            sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q",
            "--basetemp=/run/pytest", f"--rootdir={self._config.rootpath}",
        ]  # fmt: skip
        try:
            self._process = subprocess.Popen(
                [*_NAMESPACES, "sh", "-c", _FURNISH, "sh", *pytest_inside, *self._node_ids],
                cwd=self._config.rootpath,
                env={**os.environ, _CHANNEL: str(write), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=self._printed,
                stderr=subprocess.STDOUT,
                pass_fds=[write],
            )
        except OSError as missing:
            self._missing = str(missing)
        finally:
            os.close(write)

    def _lost(self, item: pytest.Item) -> pytest.TestReport:
        self._printed.seek(0)
        output = self._missing or self._printed.read().decode(errors="replace")
        return pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome="failed",
            longrepr=(
                "the kernel tier could not be run in namespaces of its own "
                f"(vnetlab doctor says what this machine lacks):\n{output}"
            ),
            when="call",
        )


_TIER = pytest.StashKey[_Tier]()


if _CHANNEL in os.environ:

    @pytest.hookimpl
    def pytest_runtest_logreport(report: pytest.TestReport) -> None:
        data = _Inside.config.hook.pytest_report_to_serializable(
            config=_Inside.config, report=report
        )
        with os.fdopen(os.dup(int(os.environ[_CHANNEL])), "w") as channel:
            channel.write(json.dumps(data) + "\n")

    class _Inside:
        config: Any = None

    def pytest_configure(config: pytest.Config) -> None:
        _Inside.config = config

    @pytest.fixture(autouse=True)
    def _spoken_english(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LC_ALL", "C")
        monkeypatch.setenv("PATH", os.environ["PATH"] + ":/usr/sbin:/sbin")

else:

    def _of_this_tier(item: pytest.Item) -> bool:
        return item.path.is_relative_to(Path(__file__).parent)

    def pytest_collection_finish(session: pytest.Session) -> None:
        items = [item for item in session.items if _of_this_tier(item)]
        for item in items:
            # The run inside has the usual timeout, and says which test it was.
            item.add_marker(pytest.mark.timeout(_OUTER_TIMEOUT))
        session.config.stash[_TIER] = _Tier(session.config, [item.nodeid for item in items])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        del nextitem
        if not _of_this_tier(item):
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in item.config.stash[_TIER].reports_of(item):
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_unconfigure(config: pytest.Config) -> None:
        if _TIER in config.stash:
            config.stash[_TIER].end()
