"""Claims A1–A30, K1–K4 and the kubenet column of M3, on the documented deployment.

One test per claim number of the register, named by it; what a packet can prove,
a packet proves. The addresses are those of the published captures.
"""

import ipaddress
import json
import re

import pytest

from tests.e2e.conftest import DeployedLab

NODE0 = "node/aks-nodepool1-52243381-vmss000000"
NODE1 = "node/aks-nodepool1-52243381-vmss000001"
NODE0_ADDRESS, NODE1_ADDRESS = "10.0.0.4", "10.0.0.5"

POD = "pod/nginx-2"
"""10.244.1.3 on the first node: the pod whose terminal the captures show."""
POD_ADDRESS = "10.244.1.3"
NEIGHBOUR = "pod/nginx-0"
NEIGHBOUR_ADDRESS = "10.244.1.2"
REMOTE = "pod/nginx-1"
REMOTE_ADDRESS = "10.244.0.6"

MACHINE = "vm/vm1"
"""In a subnet of its own: the cluster's route table is not associated with it."""


def machine_address(lab: DeployedLab) -> str:
    return next(row["address"] for row in lab.inspect("nodes") if row["name"] == "vm1")


def pods_on(lab: DeployedLab, node: str) -> list[dict[str, object]]:
    name = node.removeprefix("node/")
    return [row for row in lab.inspect("pods") if row["node"] == name and not row["host_network"]]


def bridge_ports(lab: DeployedLab, node: str) -> list[str]:
    return re.findall(
        r"^\d+: (\S+?)@", lab.output(node, "ip", "-o", "link", "show", "master", "cbr0"), re.M
    )


def fetch_source(lab: DeployedLab, source: str, address: str) -> str:
    """The client address that the responder at `address` saw when `source` asked it."""
    body = lab.output(
        source, "curl", "-s", "-m", "5", "-H", "Accept: application/json", f"http://{address}/"
    )
    return str(json.loads(body)["client"]["address"])


@pytest.mark.claim("A1")
def test_kubenet_is_one_bridge_per_node_with_host_local_leases(kubenet: DeployedLab) -> None:
    for node in (NODE0, NODE1):
        assert "cbr0" in kubenet.output(node, "brctl", "show")
        assert re.search(
            r"^\s+bridge ", kubenet.output(node, "ip", "-d", "link", "show", "cbr0"), re.M
        )
        leases = kubenet.output(node, "ls", "/var/lib/cni/networks/kubenet").split()
        assert {str(pod["address"]) for pod in pods_on(kubenet, node)} <= set(leases)
        assert "last_reserved_ip.0" in leases


@pytest.mark.claim("A2")
def test_every_pod_is_a_veth_port_of_the_bridge(kubenet: DeployedLab) -> None:
    for node in (NODE0, NODE1):
        assert len(bridge_ports(kubenet, node)) == len(pods_on(kubenet, node))
    assert re.search(r"^\d+: eth0@if\d+:", kubenet.output(POD, "ip", "-o", "link"), re.M)


@pytest.mark.claim("A3")
def test_eth0_is_no_port_of_the_bridge(kubenet: DeployedLab) -> None:
    """Corrected behaviour: the capture and the TTLs prove L3 forwarding, against the prose."""
    links = kubenet.output(NODE0, "bridge", "link")
    assert "cbr0" in links
    assert not re.search(r"^\d+: eth0[@:]", links, re.M)


@pytest.mark.claim("A4")
def test_same_node_traffic_is_switched_by_the_bridge_alone(kubenet: DeployedLab) -> None:
    with (
        kubenet.capture(NODE0, "eth0", "icmp") as outside,
        kubenet.capture(NODE0, "cbr0", "icmp") as bridge,
    ):
        assert kubenet.ping(POD, NEIGHBOUR_ADDRESS).received == 3
    assert outside == []
    assert len(bridge) >= 6


@pytest.mark.claim("A5")
def test_cross_node_traffic_needs_the_route_of_the_node(kubenet: DeployedLab) -> None:
    assert kubenet.ping(POD, REMOTE_ADDRESS).received == 3
    vswitch = NODE0.replace("node/", "host/")
    kubenet.execute(vswitch, "ip", "route", "del", "10.244.0.0/24", "table", "100")
    try:
        assert kubenet.ping(POD, REMOTE_ADDRESS).received == 0
    finally:
        kubenet.deploy()
    assert kubenet.ping(POD, REMOTE_ADDRESS).received == 3


@pytest.mark.claim("A6")
def test_virtual_network_and_subnet_are_the_documented_ones(kubenet: DeployedLab) -> None:
    routes = kubenet.inspect("routes", "--subnet", "vnet01/vlan01")
    assert {"address_prefix": "10.0.0.0/16", "next_hop_type": "VnetLocal"}.items() <= next(
        row for row in routes if row["address_prefix"] == "10.0.0.0/16"
    ).items()
    pools = {(row["pool"], row["prefix"]) for row in kubenet.inspect("ipam")}
    assert ("vnet01/vlan01", "10.0.0.0/22") in pools


@pytest.mark.claim("A8")
def test_nodes_are_named_as_scale_set_instances_and_ready(kubenet: DeployedLab) -> None:
    nodes = [row for row in kubenet.inspect("nodes") if row["kind"] == "cluster-node"]
    assert len(nodes) == 2
    for number, node in enumerate(sorted(nodes, key=lambda row: str(row["name"]))):
        assert re.fullmatch(rf"aks-nodepool1-\d{{8}}-vmss00000{number}", node["name"])
        assert node["status"] == "Ready"


CONFLIST = """
{ "cniVersion": "0.3.1", "name": "kubenet", "plugins": [{ "type": "bridge", "bridge": "cbr0",
"mtu": 1500, "addIf": "eth0", "isGateway": true, "ipMasq": false, "promiscMode": true,
"hairpinMode": false, "ipam": { "type": "host-local", "subnet": "10.244.1.0/24",
"routes": [{ "dst": "0.0.0.0/0" }] } }, { "type": "portmap",
"capabilities": {"portMappings": true}, "externalSetMarkChain": "KUBE-MARK-MASQ" }] }
"""


@pytest.mark.claim("A9")
def test_conflist_on_the_node_is_the_published_one(kubenet: DeployedLab) -> None:
    text = kubenet.output(NODE0, "cat", "/etc/cni/net.d/10-containerd-net.conflist")
    assert text.split() == CONFLIST.split()


@pytest.mark.claim("A10")
def test_one_slash_24_per_node_with_the_bridge_at_its_first_address(kubenet: DeployedLab) -> None:
    cidrs = {row["name"]: row["pod_cidr"] for row in kubenet.inspect("nodes")}
    for node, cidr in ((NODE0, "10.244.1.0/24"), (NODE1, "10.244.0.0/24")):
        assert cidrs[node.removeprefix("node/")] == cidr
        first = next(ipaddress.ip_network(cidr).hosts())
        assert f"inet {first}/24 " in kubenet.output(node, "ip", "-4", "addr", "show", "cbr0")


@pytest.mark.claim("A11")
def test_every_node_runs_the_system_pods_and_the_masquerade_agents_chain(
    kubenet: DeployedLab,
) -> None:
    pods = kubenet.inspect("pods")
    for node in (NODE0, NODE1):
        names = [row["name"] for row in pods if row["node"] == node.removeprefix("node/")]
        for agent in ("kube-proxy", "azure-ip-masq-agent", "konnectivity-agent"):
            assert any(name.startswith(agent) for name in names), (node, agent)
        rules = kubenet.output(node, "iptables", "-t", "nat", "-S")
        assert "-N IP-MASQ-AGENT" in rules
        assert "-A IP-MASQ-AGENT -d 10.244.0.0/16" in rules


@pytest.mark.claim("A12")
def test_pod_interface_reads_as_in_the_capture(kubenet: DeployedLab) -> None:
    text = kubenet.output(POD, "ip", "a", "show", "eth0")
    assert re.search(
        r"^\d+: eth0@if\d+: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue "
        r"state UP group default( qlen \d+)? *\n"
        r" +link/ether [0-9a-f:]{17} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n"
        r" +inet 10\.244\.1\.3/24 (brd \S+ )?scope global eth0",
        text,
        re.M,
    ), text


@pytest.mark.claim("A13")
def test_brctl_show_reads_as_in_the_capture(kubenet: DeployedLab) -> None:
    lines = kubenet.output(NODE0, "brctl", "show").splitlines()
    assert re.fullmatch(r"cbr0\t+8000\.[0-9a-f]{12}\t+no\t+veth[0-9a-f]{8}", lines[1]), lines
    assert len(lines) == 3
    assert re.fullmatch(r"\t+veth[0-9a-f]{8}", lines[2]), lines


@pytest.mark.claim("A14")
def test_bridge_learns_the_pods_own_address(kubenet: DeployedLab) -> None:
    mac = kubenet.output(POD, "cat", "/sys/class/net/eth0/address").strip()
    kubenet.ping(POD, NEIGHBOUR_ADDRESS)
    table = kubenet.output(NODE0, "brctl", "showmacs", "cbr0")
    assert re.search(rf"^ +\d+\t{mac}\tno\t\t +\d+\.\d+$", table, re.M), table
    for port in bridge_ports(kubenet, NODE0):
        local = re.search(r"link/ether (\S+)", kubenet.output(NODE0, "ip", "link", "show", port))
        assert local
        assert re.search(rf"^ +\d+\t{local[1]}\tyes\t\t +0\.00$", table, re.M), table


@pytest.mark.claim("A15")
def test_older_node_got_the_lower_range_and_pods_start_at_two(kubenet: DeployedLab) -> None:
    pods = {f"{row['owner']}-{row['ordinal']}": row for row in kubenet.inspect("pods")}
    seen = {name: (row["node"], row["address"]) for name, row in pods.items() if "nginx" in name}
    assert set(seen.values()) == {
        (NODE0.removeprefix("node/"), NEIGHBOUR_ADDRESS),
        (NODE0.removeprefix("node/"), POD_ADDRESS),
        (NODE1.removeprefix("node/"), REMOTE_ADDRESS),
    }
    addresses = {row["address"] for row in pods.values()}
    assert "10.244.0.2" in addresses
    assert not addresses & {"10.244.0.1", "10.244.1.1"}


@pytest.mark.claim("A16")
def test_same_node_pods_answer_with_ttl_64(kubenet: DeployedLab) -> None:
    seen = kubenet.ping(POD, NEIGHBOUR_ADDRESS)
    assert (seen.received, seen.ttls) == (seen.sent, {64})


@pytest.mark.claim("A17")
def test_pods_of_other_nodes_answer_with_ttl_62(kubenet: DeployedLab) -> None:
    seen = kubenet.ping(POD, REMOTE_ADDRESS)
    assert (seen.received, seen.ttls) == (seen.sent, {62})


@pytest.mark.claim("A18")
def test_echoes_carry_56_bytes_and_another_node_is_two_hops_further(kubenet: DeployedLab) -> None:
    """The distance is shown in hops: the fabric's own delay is not emulated, and no test times."""
    assert "56(84) bytes of data" in kubenet.ping(POD, REMOTE_ADDRESS, count=1).output
    assert hops(kubenet, NEIGHBOUR_ADDRESS) == [NEIGHBOUR_ADDRESS]
    assert hops(kubenet, REMOTE_ADDRESS) == ["10.244.1.1", NODE1_ADDRESS, REMOTE_ADDRESS]


def hops(lab: DeployedLab, destination: str) -> list[str]:
    """Who answers as packets of growing TTL run out; the fabric never does."""
    lines = lab.output(POD, "traceroute", "-n", "-q", "1", "-w", "2", destination).splitlines()
    return [line.split()[1] for line in lines[1:]]


@pytest.mark.claim("A19")
def test_eth0_carries_pod_addresses_untranslated(kubenet: DeployedLab) -> None:
    with kubenet.capture(NODE0, "eth0", "icmp") as packets:
        kubenet.ping(POD, REMOTE_ADDRESS, count=2)
    flows = [re.search(r"IP (\S+) > (\S+): ICMP echo (request|reply)", line) for line in packets]
    assert [match.groups() for match in flows if match] == 2 * [
        (POD_ADDRESS, REMOTE_ADDRESS, "request"),
        (REMOTE_ADDRESS, POD_ADDRESS, "reply"),
    ]


@pytest.mark.claim("A20")
def test_only_cross_node_packets_are_visible_on_eth0(kubenet: DeployedLab) -> None:
    with kubenet.capture(NODE0, "eth0", "icmp") as packets:
        kubenet.ping(POD, NEIGHBOUR_ADDRESS, count=2)
        kubenet.ping(POD, REMOTE_ADDRESS, count=2)
    assert len(packets) == 4
    assert all(REMOTE_ADDRESS in line for line in packets)


@pytest.mark.claim("A21")
def test_route_table_lists_a_route_per_node(kubenet: DeployedLab) -> None:
    rows = [
        row
        for row in kubenet.inspect("routes", "--subnet", "vnet01/vlan01")
        if row["source"] == "User"
    ]
    rows.sort(key=lambda row: str(row["address_prefix"]))
    assert [row["address_prefix"] for row in rows] == ["10.244.0.0/24", "10.244.1.0/24"]
    assert [row["next_hop_ip_address"] for row in rows] == [NODE1_ADDRESS, NODE0_ADDRESS]
    assert {row["next_hop_type"] for row in rows} == {"VirtualAppliance"}


@pytest.mark.claim("A24")
def test_pods_reach_the_virtual_network_as_their_node(kubenet: DeployedLab) -> None:
    address = machine_address(kubenet)
    with kubenet.capture(MACHINE, "eth0", "tcp dst port 80") as packets:
        assert fetch_source(kubenet, POD, address) == NODE0_ADDRESS
    assert packets
    assert all(f"IP {NODE0_ADDRESS}." in line for line in packets)


@pytest.mark.claim("A25")
def test_only_nodes_are_routable_from_other_subnets(kubenet: DeployedLab) -> None:
    assert kubenet.ping(MACHINE, NODE0_ADDRESS).received == 3
    assert kubenet.ping(MACHINE, POD_ADDRESS).received == 0
    assert kubenet.ping(POD, machine_address(kubenet)).received == 3


@pytest.mark.claim("K1")
def test_each_pod_has_a_network_namespace_of_its_own(kubenet: DeployedLab) -> None:
    places = (NODE0, POD, NEIGHBOUR)
    assert len({kubenet.output(place, "readlink", "/proc/self/ns/net") for place in places}) == 3


@pytest.mark.claim("K2")
def test_an_unwired_namespace_reaches_no_pod(kubenet: DeployedLab) -> None:
    bare = kubenet.execute(
        NODE0, "unshare", "-n", "ping", "-c", "1", "-W", "1", POD_ADDRESS, check=False
    )
    assert bare.returncode != 0
    assert "Network is unreachable" in bare.stderr + bare.stdout


@pytest.mark.claim("K3")
def test_cni_add_left_its_result_for_every_pod(kubenet: DeployedLab) -> None:
    """libcni caches what ADD returned: the address it assigned and the pair it wired."""
    names = kubenet.output(NODE0, "ls", "/var/lib/cni/results").split()
    results = [
        json.loads(kubenet.output(NODE0, "cat", f"/var/lib/cni/results/{name}"))["result"]
        for name in names
    ]
    assert {result["ips"][0]["address"] for result in results} == {
        f"{pod['address']}/24" for pod in pods_on(kubenet, NODE0)
    }
    wired = {interface["name"] for result in results for interface in result["interfaces"]}
    assert set(bridge_ports(kubenet, NODE0)) <= wired


@pytest.mark.claim("K4")
def test_service_addresses_lead_nowhere_from_outside(kubenet: DeployedLab) -> None:
    """No virtual machine has a route to the service range: silence, not a refusal."""
    answer = kubenet.execute(
        MACHINE, "curl", "-s", "-m", "2", "http://172.16.1.10:53/", check=False
    )
    assert answer.returncode == 28
    with kubenet.capture(NODE0, "eth0", "net 172.16.1.0/24") as packets:
        kubenet.ping(MACHINE, "172.16.1.10", count=1)
    assert packets == []


@pytest.mark.claim("M3")
@pytest.mark.parametrize(
    ("path", "destination", "ttl"),
    [
        ("pod on the same node", NEIGHBOUR_ADDRESS, 64),
        ("own node", NODE0_ADDRESS, 64),
        ("other node", NODE1_ADDRESS, 63),
        ("pod on another node", REMOTE_ADDRESS, 62),
    ],
)
def test_ttl_fingerprint_of_kubenet(
    kubenet: DeployedLab, path: str, destination: str, ttl: int
) -> None:
    seen = kubenet.ping(POD, destination)
    assert (seen.received, seen.ttls) == (seen.sent, {ttl}), path


@pytest.mark.claim("A7")
def test_kube_dns_and_kubernetes_have_the_documented_addresses(kubenet: DeployedLab) -> None:
    """What else the claim lists of the cluster, the lab file says."""
    services = {row["name"]: row["cluster_ip"] for row in kubenet.inspect("services")}

    assert services == {"kubernetes": "172.16.1.1", "kube-dns": "172.16.1.10"}
