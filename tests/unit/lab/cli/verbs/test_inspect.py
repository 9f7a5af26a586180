import json

import pytest

KINDS = ("nodes", "pods", "routes", "ipam")


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("kind", [None, *KINDS])
def test_tables_fit_80_columns_and_are_reviewed(kind, vnetlab, snapshot) -> None:
    printed = vnetlab("inspect", *([kind] if kind else []))
    assert (printed.exit_code, printed.err) == (0, "")
    assert [line for line in printed.out.splitlines() if len(line) > 80] == []
    snapshot(f"inspect-{kind}" if kind else "inspect", printed.out)


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("kind", KINDS)
def test_json_of_a_kind_is_a_list_of_rows(kind, vnetlab) -> None:
    rows = json.loads(vnetlab("inspect", kind, "--format", "json").out)
    assert rows
    assert all(isinstance(row, dict) for row in rows)


@pytest.mark.usefixtures("inside")
def test_json_of_everything_is_one_object(vnetlab) -> None:
    everything = json.loads(vnetlab("inspect", "--format", "json").out)
    assert set(everything) == {"lab", "revision", *KINDS}
    assert (everything["lab"], everything["revision"]) == ("aks", 3)


@pytest.mark.usefixtures("inside")
def test_filters_choose_rows(vnetlab) -> None:
    rows = json.loads(vnetlab("inspect", "routes", "--nic", "vm1", "--format", "json").out)
    assert [row["subnet"] for row in rows] == ["vlan02"]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("pods", "--nic", "vm1"), "--nic goes with: routes"),
        (("--subnet", "a/b"), "--subnet goes with: nodes, routes, ipam"),
    ],
)
def test_a_filter_without_effect_is_refused(words, hint, vnetlab) -> None:
    printed = vnetlab("inspect", *words)
    assert printed.exit_code == 2
    assert hint in printed.err


def test_the_format_can_come_from_the_environment(inside, vnetlab, monkeypatch) -> None:
    monkeypatch.setenv("VNETLAB_FORMAT", "json")
    assert json.loads(vnetlab("inspect", "nodes").out)


def test_a_cloud_process_that_is_gone_is_no_traceback(vnetlab, monkeypatch) -> None:
    monkeypatch.setenv("VNETLAB_SOCKET", "/nonexistent/cloud.sock")
    printed = vnetlab("inspect")
    assert printed.exit_code == 1
    assert printed.err.splitlines()[0] == "error: the cloud process of the lab does not answer"
