import json

import pytest

from lab.contract.v1 import agent_pb2

KINDS = ("nodes", "pods", "services", "loadbalancers", "routes", "ipam", "nsg")


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


@pytest.mark.usefixtures("inside")
def test_rules_of_an_interface_come_in_order_and_with_their_packets(
    vnetlab, service, snapshot
) -> None:
    service.answer = counters
    rows = json.loads(vnetlab("inspect", "nsg", "--nic", "vm1", "--format", "json").out)

    assert [(row["place"], row["name"], row["packets"]) for row in rows] == [
        ("subnet vnet01/vlan02", "ping", 7),
        ("subnet vnet01/vlan02", "DenyAllInBound", 0),
    ]
    assert service.asked[0].target == "host/vm1"
    snapshot("inspect-nsg-nic", vnetlab("inspect", "nsg", "--nic", "vm1").out)


@pytest.mark.usefixtures("inside")
def test_who_meets_no_rules_is_not_asked(vnetlab, service) -> None:
    printed = vnetlab("inspect", "nsg", "--nic", "internet", "--format", "json")

    assert json.loads(printed.out) == []
    assert service.asked == []


@pytest.mark.usefixtures("inside")
def test_rules_of_a_subnet_are_those_of_its_group(vnetlab) -> None:
    mine = vnetlab("inspect", "nsg", "--subnet", "VNET01/vlan02", "--format", "json").out
    none = vnetlab("inspect", "nsg", "--subnet", "vnet01/vlan01", "--format", "json").out

    assert [len(json.loads(each)) for each in (mine, none)] == [2, 0]


@pytest.mark.usefixtures("inside")
def test_a_switch_without_counters_is_said(vnetlab) -> None:
    printed = vnetlab("inspect", "nsg", "--nic", "vm1")

    assert printed.exit_code == 1
    assert "does not tell its counters" in printed.err


def counters(request):
    """As nft lists a table in JSON."""
    rule = {
        "chain": "security_in_0",
        "comment": "ping",
        "expr": [{"counter": {"packets": 7, "bytes": 588}}, {"return": None}],
    }
    text = json.dumps({"nftables": [{"metainfo": {}}, {"rule": rule}]})
    yield agent_pb2.ProbeReply(command=agent_pb2.CommandResult(stdout=text.encode()))


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("pods", "--nic", "vm1"), "--nic goes with: routes, nsg"),
        (("--subnet", "a/b"), "--subnet goes with: nodes, routes, ipam, nsg"),
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
