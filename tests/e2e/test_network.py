"""Network security groups and peerings, by packets (semantics 2.2, 2.3, 2.5)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

WEB, DB, JUMP, OPEN, OTHER_OPEN, SHUT = (
    f"vm/{name}" for name in ("web", "db", "jump", "vm-open", "vm-open2", "vm-shut")
)


@pytest.fixture(scope="module")
def secured(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    """The example, from a copy of its own, so that a test may change it."""
    folder = tmp_path_factory.mktemp("secured")
    file = Path(shutil.copy(REPOSITORY / "examples/security-groups.lab.yaml", folder))
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def address(lab: DeployedLab, machine: str) -> str:
    name = machine.removeprefix("vm/")
    return str(next(row["address"] for row in lab.inspect("nodes") if row["name"] == name))


def packets(lab: DeployedLab, machine: str, rule: str) -> int:
    """How many packets a rule decided at the network interface of `machine`."""
    rows = lab.inspect("nsg", "--nic", machine.removeprefix("vm/"))
    return sum(int(row["packets"]) for row in rows if row["name"] == rule)


def test_what_the_example_states_holds(secured: DeployedLab) -> None:
    secured.vnetlab("test", "-n", secured.name)


def test_a_denied_packet_is_dropped_without_a_word_and_counted(secured: DeployedLab) -> None:
    before = packets(secured, WEB, "no-ping")
    seen = secured.ping(JUMP, address(secured, WEB))

    assert seen.received == 0
    assert "Unreachable" not in seen.output
    assert packets(secured, WEB, "no-ping") == before + seen.sent


def test_only_the_first_packet_of_a_flow_is_asked(secured: DeployedLab) -> None:
    before = packets(secured, DB, "AllowVnetInBound")

    assert secured.ping(JUMP, address(secured, DB), count=5).received == 5
    assert packets(secured, DB, "AllowVnetInBound") == before + 1


def test_replies_need_no_rule(secured: DeployedLab) -> None:
    """web refuses ICMP that comes in, and gets the answers to its own."""
    assert secured.ping(WEB, address(secured, JUMP)).received == 3


def test_neighbours_in_a_subnet_are_filtered_as_well(secured: DeployedLab) -> None:
    assert secured.ping(DB, address(secured, WEB)).received == 0


def test_rules_are_listed_in_the_order_in_which_packets_meet_them(secured: DeployedLab) -> None:
    rows = secured.inspect("nsg", "--nic", "web")
    ways: dict[str, list[str]] = {"Inbound": [], "Outbound": []}
    for row in rows:
        if row["place"] not in ways[row["direction"]]:
            ways[row["direction"]].append(row["place"])

    assert ways == {
        "Inbound": ["subnet hub/servers", "nic web"],
        "Outbound": ["nic web", "subnet hub/servers"],
    }


def test_peers_reach_each_other_without_a_hop(secured: DeployedLab) -> None:
    seen = secured.ping(JUMP, address(secured, OPEN))

    assert (seen.received, seen.ttls) == (3, frozenset({64}))


def test_what_an_appliance_forwards_needs_the_flag_of_the_receivers_half(
    secured: DeployedLab,
) -> None:
    before = packets(secured, "vm/nva", "to-shut-forwarded")

    assert secured.ping(OPEN, address(secured, SHUT)).received == 0
    assert packets(secured, "vm/nva", "to-shut-forwarded") == before + 3


def test_routes_of_peers_are_shown_with_source_and_state(secured: DeployedLab) -> None:
    rows = secured.inspect("routes", "--nic", "vm-open")
    shown = {(row["address_prefix"], row["next_hop_type"]): row for row in rows}

    assert shown["10.1.0.0/16", "VNetPeering"]["source"] == "Default"
    assert shown["10.1.0.0/16", "VNetPeering"]["state"] == "Active"
    assert shown["203.0.113.128/25", "None"]["name"] == "storage-is-off"
    assert shown["10.2.0.0/16", "VnetLocal"]["state"] == "Invalid"


def test_a_live_flow_outlasts_the_rule_that_ends_new_ones(secured: DeployedLab) -> None:
    """Semantics 2.3: only new flows see new rules."""
    target = address(secured, DB)
    live = secured.start(JUMP, "ping", "-n", "-i", "0.2", target)
    assert live.stdout is not None
    try:
        while "icmp_seq=2 " not in live.stdout.readline():
            pass
        text = secured.file.read_text()
        rule = (
            "        - name: silence\n          priority: 150\n          direction: Inbound\n"
            "          access: Deny\n          protocol: Icmp\n"
        )
        secured.file.write_text(
            text.replace("        - name: no-others", rule + "        - name: no-others")
        )
        secured.deploy()
        assert secured.ping(JUMP, target).received == 0
        seen = [line for line in (live.stdout.readline() for _ in range(20)) if "icmp_seq=" in line]
        assert len(seen) == 20
    finally:
        secured.execute(JUMP, "pkill", "-INT", "-f", f"ping -n -i 0.2 {target}")
        live.communicate(timeout=60)
