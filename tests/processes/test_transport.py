"""Who may connect, and as whom."""

import socket
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest

from agents.agent import Agent
from agents.dialling import channel_to
from agents.line import Line
from lab.contract.credentials import Credentials
from lab.contract.v1 import agent_pb2, agent_pb2_grpc
from lab.control.config import ControlConfig
from lab.control.listening import ListenError
from lab.control.main import serving
from lab.runtime.docker.certificates import (
    Identity,
    cloud_identity,
    credential_files,
    new_authority,
    node_identity,
)
from tests.processes.conftest import Site, running
from tests.processes.hosts import Answers, Host
from tests.processes.words import compile_words, request, text_of

NOW = datetime.now(UTC)


def written(directory: Path, authority: Identity, identity: Identity) -> Credentials:
    """Files of an identity below `directory`."""
    place = directory / identity.fingerprint
    place.mkdir()
    for name, content in credential_files(authority, identity).items():
        (place / name).write_bytes(content)
    return Credentials(
        certificate=place / "certificate.pem",
        key=place / "key.pem",
        authority=place / "authority.pem",
    )


@pytest.fixture
def authority() -> Identity:
    return new_authority("words", now=NOW)


@pytest.fixture
def control(site: Site, authority: Identity) -> ControlConfig:
    """A cloud process that agents reach over TCP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        _, port = free.getsockname()
    return replace(
        site.control(),
        agents=f"127.0.0.1:{port}",
        credentials=written(site.directory, authority, cloud_identity(authority, now=NOW)),
    )


async def refusal(target: str, credentials: Credentials | None, *, node: str) -> grpc.StatusCode:
    """How a session of an agent that calls itself `node` ends."""

    async def hello():  # an agent that says no more
        greeting = agent_pb2.AgentMessage(node=node, hello=agent_pb2.Hello())
        yield agent_pb2.AgentMessages(messages=[greeting])

    async with channel_to(target, credentials) as channel:
        call = agent_pb2_grpc.AgentServiceStub(channel).Connect(hello())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await anext(aiter(call))
    return caught.value.code()


async def test_an_agent_with_its_own_certificate_gets_its_state(
    site: Site, control: ControlConfig, authority: Identity
) -> None:
    host = Host()
    own = written(site.directory, authority, node_identity(authority, node="a", now=NOW))
    line = Line(control.agents, own)
    agent = Agent("a", line=line, reconciler=host, probes=Answers())
    async with serving(control, compile_lab=compile_words) as rollout, running(line, agent):
        await site.settled(await rollout.apply(request("lab a=1")))

    assert text_of(host.is_now) == "1"


async def test_an_agent_can_read_no_other_nodes_state(
    site: Site, control: ControlConfig, authority: Identity
) -> None:
    """The certificate decides who an agent is, not what it says."""
    of_a = written(site.directory, authority, node_identity(authority, node="a", now=NOW))
    async with serving(control, compile_lab=compile_words) as rollout:
        await rollout.apply(request("lab a=1 b=2"))

        assert await refusal(control.agents, of_a, node="b") is grpc.StatusCode.PERMISSION_DENIED
        assert rollout.follow().progress().nodes_ready == 0


async def test_an_agent_without_a_certificate_of_the_lab_is_refused(
    site: Site, control: ControlConfig
) -> None:
    stranger = new_authority("words", now=NOW)
    forged = written(site.directory, stranger, node_identity(stranger, node="a", now=NOW))
    async with serving(control, compile_lab=compile_words) as rollout:
        await rollout.apply(request("lab a=1"))

        for credentials in (forged, None):
            assert (
                await refusal(control.agents, credentials, node="a") is grpc.StatusCode.UNAVAILABLE
            )


async def test_an_agent_talks_to_no_cloud_process_but_its_own(
    site: Site, control: ControlConfig, authority: Identity
) -> None:
    """A node of the lab can't pass itself off as the cloud process."""
    of_a = written(site.directory, authority, node_identity(authority, node="a", now=NOW))
    impostor = replace(
        control,
        credentials=written(site.directory, authority, node_identity(authority, node="b", now=NOW)),
    )
    async with serving(impostor, compile_lab=compile_words):
        assert await refusal(control.agents, of_a, node="a") is grpc.StatusCode.UNAVAILABLE


async def test_a_session_begins_with_a_hello(site: Site) -> None:
    async with site.cloud():
        assert (
            await refusal(site.control().agents, None, node="") is grpc.StatusCode.INVALID_ARGUMENT
        )


async def test_unix_sockets_are_their_owners_only(site: Site) -> None:
    async with site.cloud():
        for path in (site.directory / "agents.sock", site.directory / "cloud.sock"):
            assert stat.filemode(path.stat().st_mode) == "srw-------"


async def test_sockets_that_a_killed_process_left_are_replaced(site: Site) -> None:
    for name in ("agents.sock", "cloud.sock"):
        with socket.socket(socket.AF_UNIX) as left_behind:
            left_behind.bind(str(site.directory / name))
    async with site.cloud(), site.agents("a"):
        assert (await site.apply("lab a=1"))[-1].done


async def test_agents_are_not_served_over_a_network_without_certificates(site: Site) -> None:
    config = replace(site.control(), agents="127.0.0.1:1")
    with pytest.raises(ListenError, match=r"may not reach 127\.0\.0\.1:1 without certificates"):
        async with serving(config, compile_lab=compile_words):
            raise AssertionError("served")


async def test_a_path_that_is_too_long_for_a_socket_is_said(site: Site) -> None:
    config = replace(site.control(), lab_service=site.directory / ("x" * 100) / "cloud.sock")
    with pytest.raises(ListenError, match="choose a shorter state directory"):
        async with serving(config, compile_lab=compile_words):
            raise AssertionError("served")


async def test_a_port_in_use_is_said(control: ControlConfig) -> None:
    host, port = control.agents.split(":")
    with socket.socket() as other:
        other.bind((host, int(port)))
        other.listen()
        with pytest.raises(ListenError, match=f"can't listen on {host}:{port}"):
            async with serving(control, compile_lab=compile_words):
                raise AssertionError("served")


async def test_agents_never_reach_what_applies_labs(site: Site) -> None:
    shared = replace(site.control(), agents=f"unix:{site.control().lab_service}")
    with pytest.raises(ListenError, match="may not share"):
        async with serving(shared, compile_lab=compile_words):
            raise AssertionError("served")
