from pathlib import Path

import pytest

from lab.cli import doctor
from lab.cli.errors import CommandFailed
from lab.cli.sources import read_sources
from lab.runtime.provider import Capability, MachineUnfit
from lab.topology.load import parse

EXAMPLES = Path(__file__).parents[4] / "examples"

NFT = Capability(
    name="nft",
    present=False,
    needed_for="deploying any lab",
    seen="not installed",
    remedy="apt-get install nftables",
)
TCPDUMP = Capability(
    name="tcpdump",
    present=False,
    needed_for="packets in tests",
    seen="not installed",
    remedy="apt-get install tcpdump",
    required=False,
)
CAPSULE = Capability(
    name="namespaces of one's own",
    present=False,
    needed_for="deploying any lab",
    seen="clone: Operation not permitted, which is what a machine says that forbids namespaces",
    remedy="as root: sysctl -w kernel.unprivileged_userns_clone=1",
)
IP = Capability(
    name="ip", present=True, needed_for="this check", seen="/usr/sbin/ip", remedy="install it"
)


def test_only_what_is_needed_and_absent_is_missing() -> None:
    assert doctor.missing([NFT, TCPDUMP, IP]) == [NFT]


def test_packages_are_one_line_to_paste() -> None:
    other = Capability(
        name="mount", present=False, needed_for="", remedy="apt-get install mount nftables"
    )
    assert doctor.remedies([NFT, other, CAPSULE]) == [
        "apt-get install nftables mount",
        "as root: sysctl -w kernel.unprivileged_userns_clone=1",
    ]


def test_each_thing_is_a_line_and_what_lacks_says_what_for() -> None:
    lines = list(doctor.report("native", [IP, NFT, TCPDUMP, CAPSULE]))
    assert max(map(len, lines)) <= 80
    assert lines[:6] == [
        "native labs",
        "  ok       ip                       /usr/sbin/ip",
        "  missing  nft",
        "           not installed",
        "           needed for deploying any lab: apt-get install nftables",
        "  absent   tcpdump",
    ]


def test_the_conclusion_is_what_can_be_run_or_what_to_do() -> None:
    assert list(doctor.conclusion(["native", "docker"], [])) == [
        "this machine can run native and docker labs"
    ]
    assert list(doctor.conclusion([], [NFT])) == ["to do:", "  apt-get install nftables"]


def test_deploying_on_an_unfit_machine_is_refused_with_all_there_is_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "capabilities_of", lambda runtime: [NFT, CAPSULE, TCPDUMP])
    with pytest.raises(CommandFailed, match="can't run native labs: it lacks nft") as refused:
        doctor.require("native")
    assert refused.value.exit_code == 2
    assert "apt-get install nftables\n" in refused.value.remedy
    assert "tcpdump" not in str(refused.value)


def test_what_only_some_labs_need_is_required_of_those(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "capabilities_of", lambda runtime: [IP, TCPDUMP])
    with pytest.raises(CommandFailed, match=r"it lacks tcpdump \(not installed\)") as refused:
        doctor.require("native", beside={"tcpdump"})
    assert refused.value.remedy == "apt-get install tcpdump"


@pytest.mark.parametrize(
    ("example", "tools"), [("aks-kubenet", set()), ("egress-firewall", {"haproxy"})]
)
def test_a_firewall_is_a_real_proxy(example: str, tools: set[str]) -> None:
    sources = read_sources(EXAMPLES / f"{example}.lab.yaml")
    assert doctor.tools_of(parse(sources)) == tools


def test_a_fit_machine_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "capabilities_of", lambda runtime: [IP, TCPDUMP])
    doctor.require("native")


def test_an_engine_that_does_not_answer_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise MachineUnfit("no Docker engine answers", remedy="start it")

    monkeypatch.setattr("lab.runtime.docker.engine.Engine.connect", refuse)
    (engine,) = doctor.capabilities_of("docker")
    assert (engine.present, engine.seen, engine.remedy) == (
        False,
        "no Docker engine answers",
        "start it",
    )


def test_json_keys_are_a_contract() -> None:
    assert doctor.as_json("native", NFT) == {
        "runtime": "native",
        "name": "nft",
        "present": False,
        "required": True,
        "needed_for": "deploying any lab",
        "seen": "not installed",
        "remedy": "apt-get install nftables",
    }
    assert doctor.as_json("native", IP)["remedy"] == ""
