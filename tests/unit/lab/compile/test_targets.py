"""What a target means."""

import pytest

from lab.compile import Compilation
from lab.compile.targets import Place, PlaceKind, TargetError, resolve
from tests.unit.lab.compile.labs import (
    NODE0,
    cluster,
    compiled,
    deployment,
    documented,
    lab,
    machine,
    pod,
    pool,
)

ON_NODE = Place(kind=PlaceKind.NODE)


@pytest.fixture
def found() -> Compilation:
    return compiled(
        documented(),
        deployment(),
        pod("client"),
        pod("client", namespace="web"),
        pod("only", namespace="web"),
        pod("vm1"),
    )


def uid_of(found: Compilation, address: str) -> str:
    return next(row.uid for row in found.pods if str(row.address) == address)


@pytest.mark.parametrize("target", ["pod/nginx-2", "nginx-2", "pod/default/nginx-2"])
def test_a_replica_answers_to_its_number(found: Compilation, target: str) -> None:
    target_found = resolve(found, target)
    assert target_found.node == NODE0
    assert target_found.place == Place(kind=PlaceKind.POD, pod_uid=uid_of(found, "10.244.1.3"))
    assert str(target_found.address) == "10.244.1.3"


def test_a_replica_answers_to_its_generated_name(found: Compilation) -> None:
    canonical = resolve(found, "nginx-2").canonical_name
    assert canonical.startswith("pod/default/nginx-")
    assert resolve(found, canonical) == resolve(found, "nginx-2")
    assert resolve(found, canonical.rpartition("/")[2]) == resolve(found, "nginx-2")


def test_a_pod_named_like_a_replica_comes_first() -> None:
    found = compiled(documented(), deployment(), pod("nginx-0"))
    assert resolve(found, "pod/nginx-0").canonical_name == "pod/default/nginx-0"


@pytest.mark.parametrize(
    ("target", "canonical", "address"),
    [
        (f"node/{NODE0}", f"node/{NODE0}", "10.0.0.4"),
        (NODE0, f"node/{NODE0}", "10.0.0.4"),
        ("vm/vm1", "vm/vm1", "10.0.4.4"),
        ("internet/internet", "internet/internet", "203.0.113.10"),
        ("internet", "internet/internet", "203.0.113.10"),
    ],
)
def test_a_host_is_its_operating_system(
    found: Compilation, target: str, canonical: str, address: str
) -> None:
    target_found = resolve(found, target)
    assert target_found.place == ON_NODE
    assert (target_found.canonical_name, str(target_found.address)) == (canonical, address)


def test_the_virtual_switch_is_asked_for_by_its_prefix(found: Compilation) -> None:
    target = resolve(found, "host/vm1")
    assert (target.node, target.place) == ("vm1", Place(kind=PlaceKind.VSWITCH))
    assert target.canonical_name == "host/vm1"


def test_a_pod_on_the_host_network_is_its_node(found: Compilation) -> None:
    target = resolve(found, "pod/kube-system/kube-proxy-0")
    assert (target.node, target.place) == (NODE0, ON_NODE)
    assert str(target.address) == "10.0.0.4"


def test_without_a_namespace_default_comes_first(found: Compilation) -> None:
    assert resolve(found, "pod/client").canonical_name == "pod/default/client"
    assert resolve(found, "pod/web/client").canonical_name == "pod/web/client"
    assert resolve(found, "pod/only").canonical_name == "pod/web/only"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("vm1", "'vm1' may mean pod/default/vm1, vm/vm1: write which"),
        ("pod/nginx-7", r"there is no 'pod/nginx-7' in the lab; did you mean 'pod/nginx-\d'"),
        ("vm/vm2", r"there is no 'vm/vm2' in the lab; did you mean 'vm/vm1'\?"),
        ("node/vm1", "there is no 'node/vm1'"),
        ("zzz", "there is no 'zzz' in the lab; 'vnetlab inspect' shows what there is"),
        ("service/nginx", "'service' is none of node, pod, vm, internet, onprem, host"),
        ("pod/other/client", "there is no 'pod/other/client'"),
    ],
)
def test_what_names_nothing_or_several_things_is_refused(
    found: Compilation, target: str, message: str
) -> None:
    with pytest.raises(TargetError, match=message):
        resolve(found, target)


def test_a_pending_pod_is_nowhere() -> None:
    small = lab(cluster(pool(1, max_pods=1), system_pods=False), machine("vm1"))
    found = compiled(small, deployment(replicas=2))
    with pytest.raises(TargetError, match="is Pending: no node that they may run on has room"):
        resolve(found, "nginx-1")


def test_a_name_in_two_other_namespaces_needs_the_namespace() -> None:
    found = compiled(documented(), pod("a", namespace="x"), pod("a", namespace="y"))
    with pytest.raises(TargetError, match="may mean pod/x/a, pod/y/a"):
        resolve(found, "a")
