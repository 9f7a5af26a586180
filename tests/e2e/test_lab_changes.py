"""What a changed lab file changes, and what it leaves alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import DEADLINE, DeployedLab, deployed

MONITOR = Path(__file__).with_name("monitor.py").read_text()

LAB = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {{name: {name}}}
cloud:
  provider: azure
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {{name: vlan01, addressPrefix: 10.0.0.0/22{table}}}
{tables}
clusters:
  - name: aks01
    {plugin}
    podCidr: 10.244.0.0/16
    serviceCidr: 172.16.1.0/24
    dnsServiceIP: 172.16.1.10
    systemPods: false
    nodePools: [{{name: nodepool1, count: {count}, subnet: vnet01/vlan01, scaleSet: pool-vmss}}]
    manifests: [web.yaml]
virtualMachines:
  - {{name: vm1, subnet: vnet01/vlan01}}
"""

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
"""

BYO_TABLES = """\
  routeTables:
    - name: mine
      routes:
        - {name: nowhere, addressPrefix: 10.99.0.0/16, nextHopType: None}
"""


def write(
    file: Path, *, count: int = 2, tables: str = "", plugin: str = "networkPlugin: kubenet"
) -> None:
    (file.parent / "web.yaml").write_text(WEB)
    file.write_text(
        LAB.format(
            name=file.name.removesuffix(".lab.yaml"),
            count=count,
            tables=tables,
            table=", routeTable: mine" if tables else "",
            plugin=plugin,
        )
    )


@pytest.fixture
def changing(runtime: str, state_directory: Path, tmp_path: Path) -> Iterator[DeployedLab]:
    file = tmp_path / f"changing-{runtime}.lab.yaml"
    write(file)
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def user_routes(lab: DeployedLab) -> dict[str, str]:
    return {
        row["address_prefix"]: row["next_hop_ip_address"]
        for row in lab.inspect("routes", "--subnet", "vnet01/vlan01")
        if row["source"] == "User" and row["next_hop_type"] == "VirtualAppliance"
    }


@pytest.mark.claim("A22")
def test_each_node_brings_one_route_and_takes_it_along(changing: DeployedLab) -> None:
    """Scale 2 → 3 → 2, while two untouched pods ping each other without one loss."""
    before = user_routes(changing)
    assert list(before) == ["10.244.0.0/24", "10.244.1.0/24"]
    remote = next(row["address"] for row in changing.inspect("pods") if row["ordinal"] == 1)
    pinging = changing.start("pod/web-0", "ping", "-n", "-i", "0.005", remote)
    assert pinging.stdout is not None
    for line in pinging.stdout:
        if "bytes from" in line:
            break

    write(changing.file, count=3)
    changing.deploy()
    assert set(user_routes(changing)) - set(before) == {"10.244.2.0/24"}
    assert changing.ping("node/pool-vmss000002", remote).received == 3
    write(changing.file, count=2)
    changing.deploy()
    assert user_routes(changing) == before

    changing.execute("pod/web-0", "pkill", "-INT", "-f", f"ping -n -i 0.005 {remote}")
    summary, _ = pinging.communicate(timeout=DEADLINE)
    assert re.search(r" 0% packet loss", summary), summary[-500:]


@pytest.mark.claim("A27")
@pytest.mark.claim("A30")
def test_own_route_table_keeps_its_routes_beside_the_clusters(changing: DeployedLab) -> None:
    write(changing.file, tables=BYO_TABLES)
    changing.deploy()
    rows = [
        row
        for row in changing.inspect("routes", "--subnet", "vnet01/vlan01")
        if row["source"] == "User"
    ]
    assert {row["route_table"] for row in rows} == {"mine"}
    assert {row["address_prefix"] for row in rows} == {
        "10.99.0.0/16",
        "10.244.0.0/24",
        "10.244.1.0/24",
    }
    remote = next(row["address"] for row in changing.inspect("pods") if row["ordinal"] == 1)
    assert changing.ping("pod/web-0", remote).ttls == {62}


@pytest.mark.claim("A29")
def test_kubenet_is_the_plugin_when_none_is_named(changing: DeployedLab) -> None:
    write(changing.file, plugin="# no networkPlugin")
    changing.deploy()
    assert "cbr0" in changing.output("node/pool-vmss000000", "brctl", "show")


def test_a_second_deploy_writes_nothing_to_any_kernel(changing: DeployedLab) -> None:
    """Proved by monitors inside the namespaces, not by what the deploy says of itself.

    Not IPv6 addresses: the link-local ones come up by the kernel's own hand, some
    seconds after their device.
    """
    watched = ("node/pool-vmss000000", "host/pool-vmss000000", "node/pool-vmss000001")
    monitors = [changing.start(place, "python3", "-c", MONITOR) for place in watched]
    for monitor in monitors:
        assert monitor.stdout is not None
        assert monitor.stdout.readline() == "listening\n"

    said = changing.deploy()

    assert "nothing to change" in said
    for place in watched:
        # The kernel tells in order: when this has been told, everything has.
        changing.execute(place, "ip", "link", "add", "theend", "type", "bridge")
        changing.execute(place, "nft", "add", "table", "ip", "theend")
    for monitor in monitors:
        told, complaints = monitor.communicate(timeout=DEADLINE)
        assert (told, complaints) == ("ended\n", "")


def test_what_a_user_adds_by_hand_stays(changing: DeployedLab) -> None:
    places = ("node/pool-vmss000000", "host/pool-vmss000000", "pod/web-0")
    for place in places:
        changing.execute(place, "ip", "link", "add", "byhand", "type", "bridge")
        changing.execute(place, "nft", "add", "table", "ip", "byhand")
    changing.deploy()
    for place in places:
        assert "byhand" in changing.output(place, "ip", "link")
        assert "byhand" in changing.output(place, "nft", "list", "tables")
