from pathlib import Path

import pytest

from agents.config import AgentConfig
from agents.main import configuration
from lab.contract.credentials import Credentials

CONTAINER = {"VNETLAB_NODE": "node0", "VNETLAB_CLOUD": "unix:/run/vnetlab/cloud.sock"}


def test_a_container_says_who_it_is_and_the_rest_is_as_containers_are() -> None:
    assert configuration([], environment=CONTAINER) == AgentConfig(
        node="node0",
        cloud="unix:/run/vnetlab/cloud.sock",
        run_directory=Path("/run/vnetlab"),
        namespaces=Path("/run/netns"),
        root=Path("/"),
    )


def test_what_is_written_on_the_command_line_comes_first() -> None:
    config = configuration(["--node", "other", "--root", "/node"], environment=CONTAINER)

    assert (config.node, config.root) == ("other", Path("/node"))


def test_the_files_of_mutual_tls_go_together() -> None:
    files = {
        "VNETLAB_CERTIFICATE": "/tls/own.pem",
        "VNETLAB_KEY": "/tls/key.pem",
        "VNETLAB_AUTHORITY": "/tls/authority.pem",
    }
    assert configuration([], environment=CONTAINER | files).credentials == Credentials(
        certificate=Path("/tls/own.pem"),
        key=Path("/tls/key.pem"),
        authority=Path("/tls/authority.pem"),
    )


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "--node or VNETLAB_NODE is needed"),
        ({"VNETLAB_NODE": "a"}, "--cloud or VNETLAB_CLOUD is needed"),
        (CONTAINER | {"VNETLAB_KEY": "/key"}, "certificate, key and authority go together"),
    ],
)
def test_what_is_missing_is_named(
    environment: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        configuration([], environment=environment)

    assert caught.value.code == 2
    assert message in capsys.readouterr().err
