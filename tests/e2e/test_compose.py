"""The shipped compose file, brought up by both majors of compose."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import DEADLINE, REPOSITORY

pytestmark = [pytest.mark.e2e, pytest.mark.docker]

NODE = "aks-nodepool1-52243381-vmss000000"
READY_WITHIN = 60
"""Tries of the healthcheck that the file allows, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """A major of compose, and a project of this test's own."""

    command: tuple[str, ...]

    def __call__(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            [*self.command, "-p", "vnetlab-compose-test", *arguments],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def inside(self, service: str, *command: str) -> str:
        return self("exec", "-T", service, *command)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("docker-compose",), id="1.29"),
        pytest.param(("docker", "compose"), id="v2"),
    ],
)
def compose(request: pytest.FixtureRequest) -> Iterator[Compose]:
    """The lab, up and healthy."""
    compose = Compose(command=request.param)
    compose("up", "-d", "--no-build")
    try:
        await_health(compose)
        yield compose
    finally:
        compose("down", "-v", "--timeout", "5")


def await_health(compose: Compose, *services: str, since: str = "5m") -> None:
    """Follow the engine's events until the containers of the services, or all, are healthy."""
    wanted = set(compose("ps", "-q", *services).split())
    watched = [
        *("timeout", str(READY_WITHIN)),
        *("docker", "events", f"--since={since}", "--format={{json .}}"),
        "--filter=event=health_status",
        "--filter=label=com.docker.compose.project=vnetlab-compose-test",
    ]
    with subprocess.Popen(watched, stdout=subprocess.PIPE, text=True) as events:
        assert events.stdout is not None
        for line in events.stdout:
            event = json.loads(line)
            if event["status"] == "health_status: healthy":
                wanted.discard(event["id"])
            if not wanted:
                break
        events.terminate()
    assert not wanted, compose("ps") + compose("logs", "--tail=20")


def test_a_node_shows_what_the_capture_shows(compose: Compose) -> None:
    shown = compose.inside(NODE, "ip", "a")
    links = re.findall(r"^\d+: ([^:@]+)", shown, re.M)
    assert links[:3] == ["lo", "eth0", "cbr0"]
    assert all(re.fullmatch(r"veth[0-9a-f]{8}", link) for link in links[3:])
    assert "inet 10.0.0.4/22" in shown
    assert "inet 10.244.1.1/24" in shown


def test_the_labs_own_tests_pass_from_inside(compose: Compose) -> None:
    assert re.search(r"^(\d+) passed", compose.inside("cloud", "vnetlab", "test"), re.M)


def test_up_again_changes_nothing(compose: Compose) -> None:
    before = compose("ps", "-q")
    compose("up", "-d", "--no-build")
    assert compose("ps", "-q") == before


def test_a_node_that_is_restarted_becomes_healthy_again(compose: Compose) -> None:
    before = compose.inside("vm1", "ip", "-o", "-4", "addr")
    restarted = f"{time.time():.6f}"
    compose("restart", "--timeout", "1", "vm1")
    await_health(compose, "vm1", since=restarted)
    assert compose.inside("vm1", "ip", "-o", "-4", "addr") == before
