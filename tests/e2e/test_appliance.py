"""Network virtual appliances and the paths that answers take, by packets (semantics 2.2).

The example's appliance forwards whatever comes; here it becomes one that knows flows.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

STATEFUL = """
add table ip firewall
add chain ip firewall forward { type filter hook forward priority 0; }
add rule ip firewall forward ct state established,related accept
add rule ip firewall forward ct state new tcp flags & (syn | ack) == syn accept
add rule ip firewall forward ct state new meta l4proto != tcp accept
add rule ip firewall forward counter drop
"""
"""A flow begins with a SYN, or it is none."""


@pytest.fixture(scope="module")
def firewalled(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    """The example with a stateful appliance, and one more subnet that goes round it."""
    folder = tmp_path_factory.mktemp("firewalled")
    file = Path(shutil.copy(REPOSITORY / "examples/appliance.lab.yaml", folder))
    text = file.read_text().replace("  name: appliance\n", "  name: firewalled\n")
    front = "        - {name: front, addressPrefix: 10.1.1.0/24, routeTable: front-routes}\n"
    to_audit = """\
        - name: audit-through-the-appliance
          addressPrefix: 10.1.4.0/24
          nextHopType: VirtualAppliance
          nextHopIpAddress: 10.1.0.4
"""
    assert front in text
    beside = front.replace("front", "beside").replace("10.1.1.", "10.1.6.")
    text = text.replace(front, front + beside)
    head, tables, rest = text.partition("  routeTables:\n")
    own = f"    - name: beside-routes\n      routes:\n{to_audit}"
    machines = "virtualMachines:\n"
    text = f"{head}{tables}{own}{rest}".replace(
        machines, f"{machines}  - {{name: other, subnet: hub/beside}}\n"
    )
    file.write_text(text)
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        lab.execute("vm/nva", "nft", STATEFUL)
        yield lab


def fetched(lab: DeployedLab, source: str, address: str) -> bool:
    done = lab.execute(source, "curl", "-s", "-m", "3", f"http://{address}/", check=False)
    return done.returncode == 0


def dropped(lab: DeployedLab) -> int:
    words = lab.output("vm/nva", "nft", "list", "chain", "ip", "firewall", "forward").split()
    return int(words[words.index("packets") + 1])


def test_a_stateful_appliance_passes_flows_that_it_sees_both_ways(firewalled: DeployedLab) -> None:
    assert fetched(firewalled, "vm/web", "10.1.2.4")


def test_a_reply_that_it_never_saw_the_request_of_is_dropped(firewalled: DeployedLab) -> None:
    """The route is at the answering side only: the SYN goes round the appliance."""
    before = dropped(firewalled)

    assert not fetched(firewalled, "vm/web", "10.1.4.4")
    assert dropped(firewalled) > before


def test_a_flow_whose_replies_go_round_it_does_not_get_past_its_first_packet(
    firewalled: DeployedLab,
) -> None:
    """The route is at the asking side only: what follows the SYN belongs to no flow."""
    before = dropped(firewalled)

    assert not fetched(firewalled, "vm/other", "10.1.4.4")
    assert dropped(firewalled) > before


def test_a_public_address_behind_a_route_for_everything_answers_nobody(
    firewalled: DeployedLab,
) -> None:
    """The appliance sees an answer with the private address, and no request (semantics 2.2)."""
    before = dropped(firewalled)
    with firewalled.capture("vm/nva", "eth0", "tcp src port 80") as seen:
        assert not fetched(firewalled, "internet/internet", "198.51.100.90")

    assert any("IP 10.1.5.4.80 > 203.0.113.10." in line for line in seen)
    assert dropped(firewalled) > before
