"""Processes killed at any moment: the same revision comes back, and nothing is done twice."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from lab.contract.v1.lab_pb2 import ApplyProgress, ApplyRequest, InspectReply, InspectRequest
from lab.control.store import Store
from tests.processes.conftest import Site
from tests.processes.labs import machines

INTERNET = "internet"
"""The host that every lab has besides its machines."""


@asynccontextmanager
async def cloud_process(site: Site) -> AsyncIterator[Process]:
    """The cloud process of `site`, listening; killed with the block if it is still there."""
    reading, writing = os.pipe()
    command = (sys.executable, "-m", "tests.processes.cloud_process", str(site.directory))
    process = await asyncio.create_subprocess_exec(
        *command, str(writing), pass_fds=[writing], stderr=PIPE
    )
    os.close(writing)
    try:
        await asyncio.to_thread(os.read, reading, 1)
        yield process
    finally:
        os.close(reading)
        await kill(process)


@asynccontextmanager
async def agent_process(site: Site, node: str) -> AsyncIterator[Process]:
    """An agent of `site`; killed with the block if it is still there."""
    command = (sys.executable, "-m", "tests.processes.agent_process", node, str(site.directory))
    process = await asyncio.create_subprocess_exec(*command, stderr=PIPE)
    try:
        yield process
    finally:
        await kill(process)


async def kill(process: Process) -> None:
    """SIGKILL, and wait until it has worked."""
    if process.returncode is None:
        process.kill()
    await process.communicate()


async def applied(site: Site, request: ApplyRequest) -> ApplyProgress:
    """The last word on `request`."""
    async with site.command_line() as lab:
        *_, last = [progress async for progress in lab.Apply(request)]
        return last


async def inspected(site: Site) -> InspectReply:
    async with site.command_line() as lab:
        return await lab.Inspect(InspectRequest())


async def test_a_killed_cloud_process_comes_back_to_the_same_revision(site: Site) -> None:
    """Agents live on and find it again by themselves; their hosts had no reason to change."""
    async with site.agents("a", "b", INTERNET) as hosts:
        async with cloud_process(site):
            await applied(site, machines("a"))
            before = await applied(site, machines("a", "b"))
            addresses = {node.name: node.address for node in (await inspected(site)).nodes}
        for host in hosts:
            host.began.clear()
        states = [host.is_now for host in hosts]

        async with cloud_process(site):
            async with asyncio.timeout(30):
                for host in hosts:
                    await host.began.wait()
            after = await applied(site, machines("a", "b"))
            again = {node.name: node.address for node in (await inspected(site)).nodes}

    assert before.revision == after.revision == 2
    assert after.operations == 0
    assert [host.is_now for host in hosts] == states
    assert again == addresses, "allocations survive"


async def test_a_killed_agent_adopts_what_it_finds(site: Site) -> None:
    async with cloud_process(site), agent_process(site, INTERNET):
        async with agent_process(site, "a"):
            first = await applied(site, machines("a"))
        async with agent_process(site, "a"):
            second = await applied(site, machines("a"))

    assert (first.operations, first.nodes_ready) == (2, 2)
    assert (second.revision, second.operations, second.nodes_ready) == (1, 0, 2)


async def test_a_cloud_process_killed_at_any_moment_of_an_apply_converges(site: Site) -> None:
    """Before, while and after it is kept and delivered: the next apply finds a whole revision."""
    async with site.agents("a", INTERNET) as (a, _):
        for moment in range(6):
            async with cloud_process(site) as process, site.command_line() as lab:
                call = lab.Apply(machines("a", sysctl=moment))
                # The first moments fall before anything was said, the others between messages.
                for _ in range(moment):
                    await call.read()
                await kill(process)
        async with cloud_process(site):
            last = await applied(site, machines("a", sysctl=99))

    assert (last.done, last.nodes_ready) == (True, 2)
    assert a.is_now is not None
    assert a.is_now.sysctls["net.core.somaxconn"] == "99"


async def test_a_cloud_process_killed_as_hosts_hear_leaves_what_they_heard(site: Site) -> None:
    """Most likely before that is saved: the next process comes to the same by itself."""
    wanted = machines("a", "b", sysctl=1)
    async with site.agents("a", "b", INTERNET) as (a, *_):
        async with cloud_process(site) as process, site.command_line() as lab:
            await applied(site, machines("a"))
            a.began.clear()
            # Nobody answers, so that hosts are waited for before it is saved.
            a.idle.clear()
            call = lab.Apply(wanted)
            await a.began.wait()
            await kill(process)
            call.cancel()
        a.idle.set()
        async with cloud_process(site):
            reply = await inspected(site)
            after = await applied(site, wanted)

    assert {node.name for node in reply.nodes} == {"a", "b", INTERNET}
    assert reply.revision == after.revision == 2
    assert a.is_now is not None
    assert a.is_now.sysctls["net.core.somaxconn"] == "1"


@pytest.mark.parametrize("ask", ["cloud", "agent"])
async def test_a_process_that_is_asked_to_end_ends_cleanly(site: Site, ask: str) -> None:
    """SIGTERM while everything is connected: exit status 0, nothing on standard error."""
    async with AsyncExitStack() as stack:
        cloud = await stack.enter_async_context(cloud_process(site))
        agent = await stack.enter_async_context(agent_process(site, "a"))
        await stack.enter_async_context(agent_process(site, INTERNET))
        await applied(site, machines("a"))
        process = cloud if ask == "cloud" else agent
        process.terminate()
        _, said = await process.communicate()

    assert said == b""
    assert process.returncode == 0


async def test_two_cloud_processes_never_serve_one_lab(site: Site) -> None:
    async with cloud_process(site) as first, cloud_process(site) as second:
        _, said = await second.communicate()
        assert b"is held by another cloud process of this lab" in said
        assert second.returncode != 0
        assert first.returncode is None


async def test_a_damaged_state_file_is_said(site: Site) -> None:
    (site.directory / "cloud.sqlite").write_bytes(b"not a database, but long enough to be one" * 50)

    async with cloud_process(site) as process:
        _, said = await process.communicate()

    assert process.returncode != 0
    assert b"cloud.sqlite can't be used: file is not a database" in said
    assert b"Destroy the lab, or move the file away, and deploy again" in said


async def test_a_cloud_process_brings_about_what_was_asked_of_the_one_before(site: Site) -> None:
    """Killed while it was being compiled, or before what came of it was saved."""
    first, second = machines("a"), machines("a", "b")
    async with cloud_process(site), site.command_line() as lab:
        async for _ in lab.Apply(first):
            break
    store = Store(site.directory)
    store.ask(second.SerializeToString(deterministic=True))
    store.close()
    async with cloud_process(site):
        reply = await inspected(site)
    assert {node.name for node in reply.nodes} == {"a", "b", INTERNET}
    store = Store(site.directory)
    saved = store.load()
    assert saved is not None
    assert (saved.revision, store.asked()) == (2, None)
    store.close()
