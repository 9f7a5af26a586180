"""Claims C4, C5, C8 to C18: Azure CNI with a pod subnet per node pool, by packets.

The documented deployment, to which the second pool is added while the lab runs.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

NODE0, NODE1 = (f"node/aks-nodepool1-21460972-vmss00000{number}" for number in range(2))
NODE0_ADDRESS, NODE1_ADDRESS = "10.1.4.4", "10.1.4.5"
OWN_NODE_ADDRESS = "10.1.4.6"
"""Of the node that the second pool's pod runs on."""
FIRST_POOL, SECOND_POOL = "pod/nginx-0", "pod/nginx-1"
"""The former on NODE1."""
MACHINE = "vm/vm1"


@pytest.fixture(scope="module")
def dynamic(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("dynamic")
    shutil.copy(REPOSITORY / "examples/nginx.yaml", folder)
    file = Path(shutil.copy(REPOSITORY / "examples/azure-cni-dynamic.lab.yaml", folder))
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def address(lab: DeployedLab, pod: str) -> str:
    found = re.search(r"inet (\S+)/", lab.output(pod, "ip", "-o", "-4", "addr", "show", "eth0"))
    assert found
    return found[1]


@pytest.mark.claim("C5")
def test_network_and_subnets_are_the_documented_ones(dynamic: DeployedLab) -> None:
    pools = {row["pool"]: row["prefix"] for row in dynamic.inspect("ipam")}
    assert {
        "whkubenet/podvlan": "10.1.0.0/22",
        "whkubenet/nodevlan": "10.1.4.0/24",
        "whkubenet/podvlan2": "10.1.8.0/22",
    }.items() <= pools.items()


@pytest.mark.claim("C8")
def test_the_configuration_names_azure_cns(dynamic: DeployedLab) -> None:
    assert json.loads(
        dynamic.output(NODE0, "cat", "/etc/cni/net.d/10-azure.conflist")
    ) == json.loads(
        '{ "cniVersion":"0.3.0", "name":"azure", "plugins":[ { "type":"azure-vnet", '
        '"mode":"transparent", "ipsToRouteViaHost":["169.254.20.10"], "ipam":{ '
        '"type":"azure-cns" } }, { "type":"portmap", "capabilities":{ "portMappings":true }, '
        '"snat":true } ] }'
    )


def pods_of(lab: DeployedLab, node: str) -> set[str]:
    return {
        str(row["address"])
        for row in lab.inspect("pods")
        if f"node/{row['node']}" == node and not row["host_network"]
    }


@pytest.mark.claim("C9")
def test_the_log_tells_address_and_route_of_every_pod(dynamic: DeployedLab) -> None:
    log = dynamic.output(NODE0, "cat", "/var/log/azure-vnet.log")
    pods = pods_of(dynamic, NODE0)
    assert set(re.findall(r"Adding route for the ip (\S+)/32", log)) == pods
    assert set(re.findall(r"IPAddrs:\[\{(\S+) fffffc00\}\]", log)) == pods


@pytest.mark.claim("C10")
def test_a_node_has_a_route_for_every_pod_of_its_own(dynamic: DeployedLab) -> None:
    routes = dynamic.output(NODE0, "ip", "route", "show")
    found = re.findall(r"^(\S+) dev azv[0-9a-f]{11} scope link", routes, re.M)
    assert set(found) == pods_of(dynamic, NODE0)
    assert "10.1.0.0/22 via 10.1.4.1 dev eth0" in routes


@pytest.mark.claim("C13")
@pytest.mark.claim("C14")
@pytest.mark.claim("C15")
def test_the_rules_are_the_documented_ones(dynamic: DeployedLab) -> None:
    rows = dynamic.inspect("nsg", "--subnet", "whkubenet/nodevlan")
    keys = ("place", "network_security_group", "direction", "protocol", "source", "destination")
    rules = {
        (row["priority"], row["name"], row["access"]): tuple(row[key] for key in keys)
        for row in rows
        if row["priority"] < 65000
    }
    place = ("subnet whkubenet/nodevlan", "aksnsg", "Inbound", "Icmp")
    assert rules == {
        (200, "icmp_permit", "Allow"): (*place, "10.1.0.0/22", "10.1.4.0/24"),
        (300, "icmp_deny", "Deny"): (*place, "10.1.8.0/22", "10.1.4.0/24"),
    }


@pytest.mark.claim("C16")
def test_a_pod_of_the_first_pool_pings_another_node(dynamic: DeployedLab) -> None:
    seen = dynamic.ping(FIRST_POOL, NODE0_ADDRESS)
    assert (seen.received, seen.ttls) == (3, {63})


@pytest.mark.claim("C17", "G9")
def test_a_pod_of_the_second_pool_does_not(dynamic: DeployedLab) -> None:
    denied = dynamic.ping(SECOND_POOL, NODE0_ADDRESS)
    assert denied.received == 0
    assert "From " not in denied.output, "no ICMP error: the packet is lost"
    own = dynamic.ping(SECOND_POOL, OWN_NODE_ADDRESS)
    assert (own.received, own.ttls) == (3, {64})
    port = "exec 3<>/dev/tcp/10.1.4.4/81"
    refused = dynamic.execute(SECOND_POOL, "bash", "-c", port, check=False)
    assert "Connection refused" in refused.stderr, "TCP gets through to the node"


@pytest.mark.claim("C4")
def test_rules_of_the_nodes_subnet_leave_pods_alone(dynamic: DeployedLab) -> None:
    """To a pod of the first pool on the very node that the rule protects; and a node may ping."""
    first = address(dynamic, FIRST_POOL)
    assert dynamic.ping(SECOND_POOL, NODE1_ADDRESS).received == 0
    assert dynamic.ping(SECOND_POOL, first).ttls == {62}
    assert dynamic.ping(NODE0, address(dynamic, SECOND_POOL)).ttls == {63}


@pytest.mark.claim("C4")
def test_rules_of_the_pods_subnet_leave_nodes_alone(dynamic: DeployedLab) -> None:
    text = dynamic.file.read_text()
    away = text.replace("          networkSecurityGroup: aksnsg\n", "")
    deny = (
        "  networkSecurityGroups:\n"
        "    - name: no-ping\n"
        "      securityRules:\n"
        "        - {name: no-ping, priority: 100, direction: Inbound, access: Deny, "
        "protocol: Icmp}\n"
    )
    swapped = away.replace("  networkSecurityGroups:\n", deny).replace(
        "          addressPrefix: 10.1.0.0/22\n",
        "          addressPrefix: 10.1.0.0/22\n          networkSecurityGroup: no-ping\n",
    )
    first = address(dynamic, FIRST_POOL)
    dynamic.file.write_text(swapped)
    try:
        dynamic.deploy()
        assert dynamic.ping(MACHINE, first).received == 0
        assert dynamic.ping(MACHINE, NODE1_ADDRESS).received == 3
        assert dynamic.ping(FIRST_POOL, NODE0_ADDRESS).received == 3, "answers need no rule"
    finally:
        dynamic.file.write_text(text)
        dynamic.deploy()
    assert dynamic.ping(MACHINE, first).received == 3


@pytest.mark.claim("C18")
def test_a_pod_subnet_for_each_pool_tells_the_pools_apart(dynamic: DeployedLab) -> None:
    """One node, one rule set, two pools, at the same time; the rules say which decided."""

    def counted() -> dict[str, int]:
        rows = dynamic.inspect("nsg", "--nic", NODE0.removeprefix("node/"))
        return {row["name"]: row["packets"] for row in rows if row["container"] == "node"}

    before = counted()
    assert dynamic.ping(FIRST_POOL, NODE0_ADDRESS, count=1).received == 1
    assert dynamic.ping(SECOND_POOL, NODE0_ADDRESS, count=1).received == 0
    after = counted()
    assert after["icmp_permit"] == before["icmp_permit"] + 1
    assert after["icmp_deny"] == before["icmp_deny"] + 1


@pytest.mark.claim("C11")
@pytest.mark.claim("C12")
def test_a_pool_added_later_ends_a_shortage_of_addresses(dynamic: DeployedLab) -> None:
    """Without the second pool and in a subnet of eleven addresses not all pods find one."""
    text = dynamic.file.read_text()
    small = text[: text.index("\ntests:")].replace(
        "10.1.0.0/22\n        - name: nodevlan", "10.1.0.0/28\n        - name: nodevlan"
    )
    pool = small[small.index("      - name: newnodepool") : small.index("    manifests:")]
    manifest = dynamic.file.parent / "nginx.yaml"
    nginx = manifest.read_text()
    try:
        manifest.write_text(nginx.replace("replicas: 3", "replicas: 7"))
        dynamic.file.write_text(small.replace(pool, ""))
        dynamic.deploy()
        waiting = [row for row in dynamic.inspect("pods") if row["status"] == "Pending"]
        assert len(waiting) == 2
        assert {(row["reason"], row["message"], row["address"]) for row in waiting} == {
            ("FailedCreatePodSandBox", "pod subnet whkubenet/podvlan has no free address", "")
        }
        full = next(row for row in dynamic.inspect("ipam") if row["pool"] == "whkubenet/podvlan")
        assert (full["used"], full["free"]) == (9, 0)

        dynamic.file.write_text(small)
        dynamic.deploy()
        pods = {row["uid"]: row for row in dynamic.inspect("pods")}
        found = [pods[row["uid"]] for row in waiting]
        assert [row["status"] for row in found] == ["Running", "Running"]
        for row in found:
            assert str(row["address"]).startswith("10.1.8.")
            assert dynamic.ping(MACHINE, str(row["address"]), count=1).received == 1
        nodes = {row["name"]: row["address"] for row in dynamic.inspect("nodes")}
        assert nodes["aks-newnodepool-21460972-vmss000000"] == OWN_NODE_ADDRESS
    finally:
        manifest.write_text(nginx)
        dynamic.file.write_text(text)
        dynamic.deploy()
