"""Rounds of the reconciler on the kernel: convergence, adoption, drift, other people's things."""

import json
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from agents.plan.diff import operations_between
from agents.plan.host import host_for
from agents.plan.ownership import owned_by
from agents.reconciler import Round
from lab.contract.condition import ConditionStatus
from lab.contract.node_state import File, NodeState
from tests.kernel.changes import heard, listening
from tests.kernel.hosts import Host, Site, run
from tests.unit.agents.states import (
    address_of,
    host_network_pod,
    machine,
    node,
    pod,
    pod_address_of,
    routes_of,
    vswitch,
)

pytestmark = pytest.mark.kernel

PODS = (pod(1, 0), pod(1, 1))
ROUTES = routes_of(nodes=[1, 2])
STATE = node(1, routes=ROUTES, pods=PODS)
PLACES = ("host", "node", "pod-1-0", "pod-1-1")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "site")
    yield site
    site.close()


@pytest.fixture
def host(site: Site) -> Host:
    """A host that is what `STATE` says."""
    host = site.host(1)
    assert failures(host.reconcile(STATE)) == {}
    return host


def failures(done: Round) -> dict[str, str]:
    return {c.object: c.reason for c in done.conditions if c.status is not ConditionStatus.APPLIED}


def converged(host: Host, state: NodeState) -> None:
    """One round that changes something, one that finds nothing to do."""
    first = host.reconcile(state)
    assert failures(first) == {}
    assert first.operations > 0
    assert host.reconcile(state).operations == 0


def indexes(host: Host) -> dict[str, int]:
    links = json.loads(host.run("node", "ip", "-j", "link", "show"))
    return {link["ifname"]: link["ifindex"] for link in links}


def test_a_second_round_writes_nothing(host: Host) -> None:
    """A desired state that is reached causes no write: heard, not just counted."""
    with listening(host, *PLACES) as listeners:
        done = host.reconcile(STATE)
        assert heard(listeners) == []
    assert done.operations == 0
    assert done.pods_attached == len(PODS)


def test_the_listener_hears_what_is_written(host: Host) -> None:
    """Guards the test above: silence must mean something."""
    with listening(host, *PLACES) as listeners:
        host.run("host", "nft", "add", "table", "ip", "other")
        host.run("host", "ip", "nexthop", "add", "id", "9", "blackhole")
        host.run("node", "ip", "link", "set", "eth0", "mtu", "1400")
        host.run("pod-1-0", "ip", "addr", "add", "10.9.9.9/32", "dev", "eth0")
        assert {place for place, _ in heard(listeners)} == {"host", "node", "pod-1-0"}


def test_a_restarted_agent_adopts_without_a_write(host: Host) -> None:
    """What an agent knew is gone; what it made is recognised."""
    host.restart_agent()
    with listening(host, *PLACES) as listeners:
        assert host.reconcile(STATE).operations == 0
        assert heard(listeners) == []


@pytest.mark.parametrize(
    ("place", "command"),
    [
        pytest.param("host", "ip link del nic", id="cable to the node cut"),
        pytest.param("host", "ip link del vx0", id="tunnel removed"),
        pytest.param("host", "ip link set vx0 down", id="tunnel down"),
        pytest.param("host", "ip link set nic address 02:00:00:00:00:99", id="port's MAC changed"),
        pytest.param("host", "ip route del 10.0.0.5 table 100", id="route removed"),
        pytest.param("host", "ip route del default table 200", id="way to the node removed"),
        pytest.param("host", "ip nexthop flush", id="nexthops flushed"),
        pytest.param("host", "ip route replace 10.0.0.5 dev vx0 table 100", id="route re-pointed"),
        pytest.param("host", "ip neigh flush nud permanent dev nic", id="neighbour removed"),
        pytest.param("host", "ip rule del pref 10", id="rule removed"),
        pytest.param("host", "ip rule add pref 0 lookup local protocol kernel", id="rule restored"),
        pytest.param("host", "nft delete table ip vnetlab", id="table deleted"),
        pytest.param("host", "nft flush table ip vnetlab_fabric", id="table emptied"),
        pytest.param("host", "nft add rule ip vnetlab forwarded drop", id="rule in our table"),
        pytest.param("host", "sysctl -w net.ipv4.conf.nic.proxy_arp=0", id="sysctl of a device"),
        pytest.param("host", "sysctl -w net.ipv4.ip_forward=0", id="sysctl"),
        pytest.param("node", "ip link set eth0 mtu 1400", id="node's MTU"),
        pytest.param("node", "ip link set eth0 down", id="node's NIC down"),
        pytest.param("node", "ip addr flush dev eth0", id="node's address removed"),
        pytest.param("node", "ip route del default", id="node's default route removed"),
        pytest.param("node", "ip link del cbr0", id="bridge removed"),
        pytest.param("node", "ip link set veth10000000 nomaster", id="port taken off the bridge"),
        pytest.param("node", "ip link set cbr0 promisc off", id="bridge not promiscuous"),
        pytest.param("node", "iptables -t nat -F IP-MASQ-AGENT", id="chain emptied"),
        pytest.param("node", "iptables -t nat -F POSTROUTING", id="hook removed"),
        pytest.param("node", "iptables -t nat -I POSTROUTING -j IP-MASQ-AGENT", id="second hook"),
        pytest.param("node", "ebtables -F AKS-DEDUP-PROMISC", id="bridge's chain emptied"),
        pytest.param("node", "nft flush ruleset", id="everything flushed"),
        pytest.param("pod-1-0", "ip link del eth0", id="pod's cable cut"),
        pytest.param("pod-1-0", "ip link set eth0 name lan0", id="pod's device renamed"),
        pytest.param("pod-1-0", "ip addr flush dev eth0", id="pod's address removed"),
        pytest.param("pod-1-0", "ip route del default", id="pod's route removed"),
        pytest.param("pod-1-0", "ip link set lo down", id="pod's loopback down"),
    ],
)
def test_drift_is_repaired(host: Host, place: str, command: str) -> None:
    """Whatever was bent, one round mends it, and packets flow as before."""
    before = snapshot(host)
    host.run(place, *command.split())
    assert snapshot(host) != before, "nothing was bent"
    converged(host, STATE)
    assert snapshot(host) == before
    assert " ttl=64 " in host.run("pod-1-0", "ping", "-c1", "-W2", str(pod_address_of(1, 1)))


def snapshot(host: Host) -> dict[str, str]:
    """What tools print of all places, less what a repair may change (indexes, order)."""
    found = {}
    for place in PLACES:
        links = json.loads(host.run(place, "ip", "-j", "-d", "link", "show"))
        found[f"{place} links"] = "\n".join(
            sorted(
                f"{link['ifname']} {link['mtu']} {sorted(link['flags'])} {link.get('master')}"
                f" {link.get('address') if 'veth' not in link['ifname'] else ''}"
                for link in links
            )
        )
        for what in ("addr show", "route show table all", "rule show", "nexthop show"):
            lines = host.run(place, *f"ip -4 -o {what}".split()).splitlines()
            wanted = [line.partition(": ")[2] if what == "addr show" else line for line in lines]
            found[f"{place} {what}"] = "\n".join(sorted(line.strip() for line in wanted))
        permanent = host.run(place, "ip", "-4", "neigh", "show", "nud", "permanent")
        found[f"{place} neighbours"] = "\n".join(sorted(permanent.splitlines()))
        for table in sorted(host.run(place, "nft", "list", "tables").splitlines()):
            listed = host.run(place, "nft", "-s", "list", *table.split())
            found[f"{place} {table}"] = "\n".join(
                line for line in listed.splitlines() if not line.startswith("#")
            )
    for name in ("conf.nic.proxy_arp", "ip_forward"):
        found[name] = host.run("host", "sysctl", "-n", f"net.ipv4.{name}", check=False)
    return found


def test_what_people_add_to_a_node_is_left_alone(host: Host) -> None:
    """A user's rules, chains, routes, addresses and devices are neither drift nor ours."""
    host.run("node", "sh", "-ec", """
        iptables -A INPUT -p tcp --dport 81 -j DROP
        iptables -t nat -A POSTROUTING -d 192.0.2.1 -j ACCEPT
        iptables -t nat -N MINE
        ebtables -A FORWARD -p IPv6 -j DROP
        nft add table inet mine
        nft add chain inet mine input '{ type filter hook input priority 0; }'
        ip addr add 10.0.0.200/22 dev eth0
        ip route add 192.0.2.0/24 via 10.0.0.1
        ip rule add pref 500 from 192.0.2.9 lookup 77
        ip link add mine type bridge
        ip link add cable0 type veth peer name cable1
        """)  # fmt: skip
    host.run("pod-1-0", "sh", "-ec", """
        ip route add 192.0.2.0/24 via 10.244.1.1
        ip addr add 10.244.1.77/24 dev eth0
        nft add table ip mine
        """)  # fmt: skip
    before = snapshot(host)
    with listening(host, *PLACES) as listeners:
        assert host.reconcile(STATE).operations == 0
        assert heard(listeners) == []
    host.run("node", "iptables", "-t", "nat", "-F", "IP-MASQ-AGENT")
    converged(host, STATE)
    assert snapshot(host) == before


def test_a_hook_that_was_replaced_is_put_right(host: Host) -> None:
    """A rule that jumps to our chain is ours, however it reads."""
    host.run("node", "sh", "-ec", """
        iptables -t nat -F POSTROUTING
        iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j IP-MASQ-AGENT
        """)  # fmt: skip
    converged(host, STATE)
    listed = host.run("node", "iptables", "-t", "nat", "-S", "POSTROUTING")
    assert listed.count("-j IP-MASQ-AGENT") == 1
    assert "! --dst-type LOCAL -j IP-MASQ-AGENT" in listed


def test_a_changed_property_is_set_in_place(host: Host) -> None:
    """MTU, MAC address, address: the device stays the same one."""
    before = indexes(host)
    changed = replace(
        STATE,
        nic=replace(STATE.nic, mtu=1400, mac="00:0d:3a:00:00:77",
                    primary=IPv4Interface("10.0.0.44/22")),
        pods=[replace(p, interface=replace(p.interface, mtu=1400)) for p in PODS],
    )  # fmt: skip
    converged(host, changed)
    assert indexes(host) == before
    addresses = host.run("node", "ip", "-4", "addr", "show", "dev", "eth0")
    assert "mtu 1400" in addresses
    assert "10.0.0.44/22" in addresses
    assert "10.0.0.4/22" not in addresses


def test_a_pod_that_goes_leaves_nothing_and_disturbs_nobody(host: Host) -> None:
    before = indexes(host)
    host.workloads.asked.clear()
    with listening(host, "pod-1-0") as listeners:
        converged(host, replace(STATE, pods=PODS[:1]))
        assert heard(listeners) == []
    assert not host.pin("pod-1-1").exists()
    after = indexes(host)
    assert set(before) - set(after) == {"veth10000001"}
    assert not (host.config.run_directory / "pods" / "1-1").exists()
    # Its workloads ended before its namespace: sockets would have kept it alive.
    assert [w.uid for w in host.workloads.asked[0]] == ["1-0"]


def test_pods_that_come_and_go_in_one_round(host: Host) -> None:
    """A successor may have the address and the name of the pod that goes."""
    successor = replace(pod(1, 1, uid="new"), name=PODS[1].name)
    converged(host, replace(STATE, pods=[PODS[0], successor]))
    assert " ttl=64 " in host.run("pod-new", "ping", "-c1", "-W2", str(pod_address_of(1, 0)))


def test_pods_whose_cables_were_swapped_are_sorted_out(host: Host) -> None:
    host.run("node", "sh", "-ec", """
        ip link set dev veth10000000 name aside
        ip link set dev veth10000001 name veth10000000
        ip link set dev aside name veth10000001
        """)  # fmt: skip
    converged(host, STATE)


def test_a_half_made_pod_is_completed(host: Host) -> None:
    """An agent killed between two steps leaves a pin without a namespace, or an empty one."""
    (host.config.namespaces / "pod-1-2").touch()
    with host.inside("host"):
        pass
    state = replace(STATE, pods=(*PODS, pod(1, 2)))
    converged(host, state)
    host.run("pod-1-2", "ip", "link", "del", "eth0")
    converged(host, state)


def test_a_first_round_cut_short_is_completed(site: Site) -> None:
    """By an agent that knows nothing of what came before, at every fifth operation."""
    desired = host_for(STATE)
    plan = operations_between(desired, {}, owned_by(desired))
    for number, survived in enumerate(range(0, len(plan), 5), start=1):
        host = site.host(number)
        host.kernel.apply(plan[:survived])
        host.restart_agent()
        converged(host, STATE)


def test_a_pod_that_fails_stops_no_other(host: Host) -> None:
    """Its host interface's name belongs to somebody else: theirs stays, and only it fails."""
    host.run("node", "ip", "link", "add", "vethtaken", "type", "bridge")
    taken = pod(1, 3)
    taken = replace(taken, interface=replace(taken.interface, host_interface="vethtaken"))
    state = replace(STATE, pods=(*PODS, taken, pod(1, 4)))
    done = host.reconcile(state)
    assert list(failures(done)) == ["pod/default/web-3"]
    assert "File exists" in failures(done)["pod/default/web-3"]
    assert done.pods_attached == 3
    assert " ttl=64 " in host.run("pod-1-4", "ping", "-c1", "-W2", str(pod_address_of(1, 0)))
    assert "bridge" in host.run("node", "ip", "-d", "link", "show", "vethtaken")
    host.run("node", "ip", "link", "del", "vethtaken")
    converged(host, state)


def test_a_host_that_was_not_prepared_fails_by_name(site: Site) -> None:
    host = site.host(1)
    aside = host.config.run_directory / "aside"
    aside.touch()
    host.run("host", "sh", "-ec", f"mount --bind {host.pin('host')} {aside}")
    host.run("host", "umount", str(host.pin("host")))
    failed = failures(host.reconcile(STATE))
    assert "no network namespace is pinned" in failed["vswitch"]
    run(aside, "mount", "--bind", str(aside), str(host.pin("host")))
    converged(host, STATE)


def test_a_node_that_leaves_its_cluster_keeps_nothing_of_it(host: Host) -> None:
    """Bridge, pods and the components' rules go; what people added stays."""
    host.run(
        "node", "iptables", "-t", "nat", "-A", "POSTROUTING", "-d", "192.0.2.1", "-j", "ACCEPT"
    )
    converged(host, machine(1, routes=ROUTES))
    assert set(indexes(host)) == {"lo", "eth0"}
    rules = host.run("node", "iptables-save") + host.run("node", "ebtables-save")
    assert "IP-MASQ-AGENT" not in rules
    assert "AKS-DEDUP-PROMISC" not in rules
    assert "-A POSTROUTING -d 192.0.2.1/32 -j ACCEPT" in rules
    assert host.run("node", "sysctl", "-n", "net.ipv4.ip_forward").strip() == "0"


def test_routes_follow_the_effective_routes(host: Host) -> None:
    """One more node adds its routes, one less takes them away; the rest is not touched."""
    grown = replace(STATE, vswitch=vswitch(1, routes=routes_of(nodes=[1, 2, 3])))
    converged(host, grown)
    assert "10.244.3.0/24" in host.run("host", "ip", "route", "show", "table", "100")
    done = host.reconcile(STATE)
    # Two routes and the nexthop that they shared.
    assert done.operations == 3
    assert "10.244.3.0/24" not in host.run("host", "ip", "route", "show", "table", "100")


def test_a_host_that_moves_is_followed(host: Host) -> None:
    """Another underlay address behind the same routes: one nexthop more, one less."""
    moved = tuple(
        replace(route, underlay_address=route.underlay_address + 10)
        if route.underlay_address and route.prefix.subnet_of(IPv4Network("10.244.2.0/24"))
        else route
        for route in ROUTES
    )
    converged(host, replace(STATE, vswitch=vswitch(1, routes=moved)))
    shown = host.run("host", "ip", "route", "show", "table", "100", "10.244.2.0/24")
    assert "dst 198.18.0.12" in shown


def test_files_of_node_and_pods(host: Host) -> None:
    """Written where they differ, removed when no longer wanted, never anybody else's."""
    root, pods = host.config.root, host.config.run_directory / "pods"
    conflist = File(path="/etc/cni/net.d/10-containerd-net.conflist", content=b"{}")
    converged(host, replace(STATE, files=[conflist]))
    assert (root / "etc/cni/net.d/10-containerd-net.conflist").read_bytes() == b"{}"
    (root / "etc/cni/net.d/mine").touch()
    converged(host, STATE)
    assert [path.name for path in (root / "etc/cni/net.d").iterdir()] == ["mine"]
    assert (pods / "1-0/resolv.conf").read_text() == "nameserver 172.16.1.10\n"
    assert "10.244.1.2\tweb-0" in (pods / "1-0/hosts").read_text()


def test_a_pod_on_the_hosts_network_is_another_name_for_the_node(host: Host) -> None:
    """So that everything finds a pod by its pin, wherever its network is."""
    converged(host, replace(STATE, pods=(*PODS, host_network_pod("agent"))))
    assert str(address_of(1)) in host.run("pod-agent", "ip", "-4", "addr")
    converged(host, STATE)
    assert str(address_of(1)) in host.run("node", "ip", "-4", "addr")


def test_two_hosts_whose_guests_have_their_underlay_addresses(site: Site) -> None:
    """Tenants may use any address, the underlay's own included."""
    hosts, states = [site.host(1), site.host(2)], []
    for number in (1, 2):
        state = machine(number)
        own = state.vswitch.underlay_address
        routes = tuple(
            replace(route, prefix=IPv4Network(f"198.18.0.{other}"))
            for other, route in ((1, ROUTES[1]), (2, ROUTES[2]))
        )
        states.append(
            replace(
                state,
                nic=replace(state.nic, primary=IPv4Interface(f"{own}/24"), gateway=own + 100),
                vswitch=replace(state.vswitch, node=replace(state.vswitch.node, routes=routes)),
            )
        )
    for host, state in zip(hosts, states, strict=True):
        assert failures(host.reconcile(state)) == {}
    assert " ttl=64 " in hosts[0].run("node", "ping", "-c1", "-W2", "198.18.0.2")
