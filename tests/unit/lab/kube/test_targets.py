"""What tests refer to."""

import pytest

from tests.unit.lab.kube.manifest_sources import DEPLOYMENT, messages, pod, problems

MACHINES = "virtualMachines: [{name: vm1, subnet: vnet01/vlan01}]\n"


def refer(target: str, *, manifest: str = DEPLOYMENT, key: str = "to") -> list[str]:
    ends = {"from": "vm/vm1", "to": "vm/vm1", key: target}
    written = ", ".join(f"{name}: {value}" for name, value in ends.items())
    return messages(
        manifest, lab=f"{MACHINES}tests: [{{name: t, {written}, expect: {{reachable: true}}}}]\n"
    )


@pytest.mark.parametrize(
    "target",
    [
        "pod/nginx-0",
        "pod/default/nginx-2",
        "nginx-1",
        "node/aks-pool-1-vmss000001",
        "aks-pool-1-vmss000001",
        "host/aks-pool-1-vmss000001",
        "host/vm1",
        "vm/vm1",
        "vm1",
        "internet/internet",
        "pod/kube-system/coredns-0",
        "pod/metrics-server-0",
    ],
)
def test_what_is_in_the_lab_can_be_referred_to(target: str) -> None:
    assert refer(target) == []
    assert refer(target, key="from") == []


@pytest.mark.parametrize(
    "target",
    [
        "pod/nginx-3",
        "pod/front/nginx-0",
        "nginx",
        "node/vm1",
        "vm/aks-pool-1-vmss000001",
        "host/nginx-0",
        "internet/vm1",
    ],
)
def test_what_is_not_in_the_lab_is_told(target: str) -> None:
    assert refer(target) == [f"there is no '{target}' in the lab"]


def test_an_address_may_be_asked_but_asks_nothing_itself() -> None:
    assert refer("192.0.2.1") == []
    assert refer("192.0.2.1", key="from") == ["there is no '192.0.2.1' in the lab"]


def test_the_nearest_target_is_suggested() -> None:
    lab = f"{MACHINES}tests: [{{name: t, from: vm1, to: pod/ngnix-0, expect: {{reachable: true}}}}]"

    (problem,) = problems(DEPLOYMENT, lab=lab)

    assert problem.remedy == "did you mean 'pod/nginx-0'?"


def test_captures_run_somewhere() -> None:
    expect = "packets: [{on: vm1}, {on: node/nowhere}]"
    lab = f"{MACHINES}tests: [{{name: t, from: vm1, to: vm1, expect: {{{expect}}}}}]"

    assert messages(DEPLOYMENT, lab=lab) == ["there is no 'node/nowhere' in the lab"]


def test_a_pods_own_name_comes_before_a_replicas_ordinal() -> None:
    assert refer("pod/nginx-0", manifest=DEPLOYMENT + pod("nginx-0")) == []


def test_the_default_namespace_comes_before_others() -> None:
    manifest = pod("a") + pod("a", metadata="namespace: kube-public")

    assert refer("pod/a", manifest=manifest) == []


def test_a_name_of_several_things_needs_its_prefix() -> None:
    assert refer("vm1", manifest=pod("vm1")) == [
        "'vm1' is more than one thing: pod/default/vm1 of cluster aks01, vm/vm1"
    ]
    assert refer("vm/vm1", manifest=pod("vm1")) == []


def test_without_system_pods_there_are_none() -> None:
    lab = "    systemPods: false\n" + MACHINES
    test = "tests: [{name: t, from: vm1, to: pod/coredns-0, expect: {reachable: true}}]"

    assert messages(DEPLOYMENT, lab=lab + test) == ["there is no 'pod/coredns-0' in the lab"]
