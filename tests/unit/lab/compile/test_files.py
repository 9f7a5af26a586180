"""Files that people and tools read on a host."""

import base64
import json
from ipaddress import IPv4Address, IPv4Network
from pathlib import PurePosixPath

from lab.compile import Compilation
from lab.compile.files import conflist, host_files
from lab.kube.identity import sandbox_id
from tests.unit.lab.compile.labs import (
    INTERNET,
    NODE0,
    NODE1,
    compiled,
    deployment,
    documented,
    lab,
    machine,
)

PUBLISHED = (
    '{ "cniVersion": "0.3.1", "name": "kubenet", "plugins": [{ "type": "bridge", '
    '"bridge": "cbr0", "mtu": 1500, "addIf": "eth0", "isGateway": true, "ipMasq": false, '
    '"promiscMode": true, "hairpinMode": false, "ipam": { "type": "host-local", '
    '"subnet": "10.244.1.0/24", "routes": [{ "dst": "0.0.0.0/0" }] } }, '
    '{ "type": "portmap", "capabilities": {"portMappings": true}, '
    '"externalSetMarkChain": "KUBE-MARK-MASQ" }] }'
)
"""As printed in the source document, where line breaks became blanks."""

LEASES = "/var/lib/cni/networks/kubenet"


def files(found: Compilation, host: str) -> dict[str, str]:
    return {file.path: file.content.decode() for file in found.nodes[host].files}


def leases(found: Compilation, host: str) -> dict[str, str]:
    paths = {PurePosixPath(path): text for path, text in files(found, host).items()}
    return {path.name: text for path, text in paths.items() if str(path.parent) == LEASES}


def test_the_conflist_is_the_published_one() -> None:
    """Claim A9, character for character but for the line breaks that the document lost."""
    assert " ".join(conflist(IPv4Network("10.244.1.0/24")).split()) == PUBLISHED


def test_the_conflist_is_json_with_the_range_of_the_node() -> None:
    plugins = json.loads(conflist(IPv4Network("10.244.7.0/24")))["plugins"]
    assert plugins[0]["ipam"]["subnet"] == "10.244.7.0/24"
    assert [plugin["type"] for plugin in plugins] == ["bridge", "portmap"]


def test_every_node_has_the_conflist_of_its_range() -> None:
    found = compiled(documented())
    path = "/etc/cni/net.d/10-containerd-net.conflist"
    assert files(found, NODE0)[path] == conflist(IPv4Network("10.244.1.0/24"))
    assert files(found, NODE1)[path] == conflist(IPv4Network("10.244.0.0/24"))


def test_host_local_leaves_a_lease_per_pod_with_the_sandbox_and_the_interface() -> None:
    """Claim A1."""
    found = compiled(documented(), deployment())
    uids = {str(row.address): row.uid for row in found.pods}
    assert leases(found, NODE0) == {
        "10.244.1.2": f"{sandbox_id(uids['10.244.1.2'])}\r\neth0",
        "10.244.1.3": f"{sandbox_id(uids['10.244.1.3'])}\r\neth0",
        "last_reserved_ip.0": "10.244.1.3",
        "lock": "",
    }


def test_a_lease_goes_with_its_pod_and_the_last_address_stays() -> None:
    first = compiled(documented(), deployment())
    second = compiled(documented(), previous=first.ledger)
    assert leases(second, NODE0) == {"last_reserved_ip.0": "10.244.1.3", "lock": ""}


def test_libcni_caches_what_add_returned_for_every_pod() -> None:
    """Claim K3."""
    found = compiled(documented(), deployment())
    (interface,) = [
        pod.interface
        for pod in found.nodes[NODE0].pods
        if pod.interface and str(pod.interface.address.ip) == "10.244.1.3"
    ]
    cached = {
        path: json.loads(text)
        for path, text in files(found, NODE0).items()
        if path.startswith("/var/lib/cni/results/")
    }
    assert len(cached) == 2
    (path, entry) = next(
        each for each in cached.items() if each[1]["result"]["ips"][0]["address"] == "10.244.1.3/24"
    )
    assert path == f"/var/lib/cni/results/kubenet-{entry['containerId']}-eth0"
    assert [each["name"] for each in entry["result"]["interfaces"]] == [
        "cbr0",
        interface.host_interface,
        "eth0",
    ]
    assert entry["result"]["interfaces"][2]["mac"] == interface.mac
    assert entry["result"]["ips"][0]["gateway"] == "10.244.1.1"
    assert base64.b64decode(entry["config"]).decode() == conflist(IPv4Network("10.244.1.0/24"))


def test_pods_on_the_host_network_leave_neither_lease_nor_result() -> None:
    assert set(leases(compiled(documented()), NODE0)) == {"lock"}


def test_every_host_knows_its_own_name() -> None:
    found = {
        file.path: file.content.decode()
        for file in host_files("vm1", IPv4Address("10.0.4.4"), dns_suffix="")
    }
    assert found["/etc/hostname"] == "vm1\n"
    assert found["/etc/hosts"].startswith("127.0.0.1 localhost\n")
    assert found["/etc/hosts"].endswith("\n10.0.4.4 vm1\n")


def test_a_machine_asks_the_platform_and_appends_its_networks_suffix() -> None:
    found = compiled(lab(machine("vm1")))
    nameserver, search = files(found, "vm1")["/etc/resolv.conf"].splitlines()
    assert nameserver == "nameserver 168.63.129.16"
    assert search.endswith(".ax.internal.cloudapp.net")


def test_a_lookup_on_an_internet_host_fails_at_once() -> None:
    """The resolver is the host itself, where nothing listens: refused, not lost."""
    found = compiled(lab(INTERNET))
    assert files(found, "internet")["/etc/resolv.conf"].splitlines()[0] == "nameserver 127.0.0.53"


def test_a_machine_has_nothing_of_kubenets() -> None:
    assert set(files(compiled(lab(machine("vm1"))), "vm1")) == {
        "/etc/hostname",
        "/etc/hosts",
        "/etc/resolv.conf",
    }


def test_files_are_in_the_order_of_their_paths_and_each_is_there_once() -> None:
    found = compiled(documented(), deployment(replicas=30))
    for node in found.nodes.values():
        paths = [file.path for file in node.files]
        assert paths == sorted(set(paths))
