"""Egress restricted to names by an Azure firewall, one test per claim number."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

SITE = "203.0.113.10"
GOOD, OTHER = "good.example.com", "other.example.com"
ALLOWED = f'targetFqdns: [{GOOD}, "*.example.org"]'


@pytest.fixture(scope="module")
def egress(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("egress")
    shutil.copy(REPOSITORY / "examples/egress-firewall.yaml", folder)
    text = (REPOSITORY / "examples/egress-firewall.lab.yaml").read_text()
    file = folder / "by-name.lab.yaml"
    file.write_text(text.replace("  name: egress-firewall\n", "  name: egress-by-name\n"))
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def fetch(lab: DeployedLab, url: str) -> tuple[int, str]:
    """Status of the answer, 0 without one, and what it says; both names are asked at `SITE`."""
    done = lab.execute(
        "pod/client", "curl", "-sk", "-m", "5", "-w", "\n%{http_code}",
        "--connect-to", f"::{SITE}:", url, check=False,
    )  # fmt: skip
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


@pytest.mark.claim("H3")
@pytest.mark.parametrize(("scheme", "denied"), [("http", 470), ("https", 0)])
def test_a_pod_reaches_one_of_two_names_of_an_address(
    egress: DeployedLab, scheme: str, denied: int
) -> None:
    """HTTP is told apart by its Host header, TLS by the server name."""
    status, body = fetch(egress, f"{scheme}://{GOOD}/")
    assert status == 200
    assert '"address": "198.51.100.4"' in body
    assert fetch(egress, f"{scheme}://{OTHER}/")[0] == denied


@pytest.mark.claim("H3")
def test_a_changed_rule_holds_for_the_next_connection(egress: DeployedLab) -> None:
    text = egress.file.read_text()
    assert ALLOWED in text
    egress.file.write_text(text.replace(ALLOWED, f"targetFqdns: [{OTHER}]"))
    egress.deploy()
    try:
        assert fetch(egress, f"https://{GOOD}/")[0] == 0
        assert fetch(egress, f"https://{OTHER}/")[0] == 200
    finally:
        egress.file.write_text(text)
