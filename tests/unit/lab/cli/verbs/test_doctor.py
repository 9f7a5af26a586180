import json

import pytest

from tests.unit.lab.cli.test_doctor import IP, NFT, TCPDUMP


def machine(monkeypatch: pytest.MonkeyPatch, **found: list[object]) -> None:
    monkeypatch.setattr("lab.cli.doctor.capabilities_of", lambda runtime: found[runtime])


def test_a_fit_machine(vnetlab, snapshot, monkeypatch) -> None:
    machine(monkeypatch, native=[IP, TCPDUMP], docker=[IP])
    printed = vnetlab("doctor")
    assert printed.exit_code == 0
    snapshot("doctor-fit", printed.out)


def test_an_unfit_machine(vnetlab, snapshot, monkeypatch) -> None:
    machine(monkeypatch, native=[IP, NFT], docker=[IP])
    printed = vnetlab("doctor")
    assert printed.exit_code == 1
    snapshot("doctor-unfit", printed.out)


def test_docker_is_never_needed_unless_asked_for(vnetlab, monkeypatch) -> None:
    machine(monkeypatch, native=[IP], docker=[NFT])
    assert vnetlab("doctor").exit_code == 0
    assert vnetlab("doctor", "--runtime", "docker").exit_code == 1


def test_for_programs(vnetlab, monkeypatch) -> None:
    machine(monkeypatch, native=[IP, NFT], docker=[])
    report = json.loads(vnetlab("doctor", "--format", "json").out)
    assert report["ok"] is False
    assert report["to_do"] == ["apt-get install nftables"]
    assert [check["name"] for check in report["checks"]] == ["ip", "nft"]


def test_quiet_speaks_only_when_something_is_missing(vnetlab, monkeypatch) -> None:
    machine(monkeypatch, native=[IP], docker=[IP])
    assert vnetlab("doctor", "-q").out == ""
    machine(monkeypatch, native=[NFT], docker=[IP])
    assert "apt-get install nftables" in vnetlab("doctor", "-q").out
