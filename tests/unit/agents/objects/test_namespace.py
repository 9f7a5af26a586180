"""Names of namespaces, and finding things in one."""

from agents.objects.link import Bridge, Link, Loopback
from agents.objects.namespace import (
    NODE_NAMESPACE,
    VSWITCH_NAMESPACE,
    NamespaceObjects,
    is_pod_namespace,
    pod_namespace,
)


def test_pods_are_told_from_the_host_by_their_names() -> None:
    assert is_pod_namespace(pod_namespace("7c2f"))
    assert pod_namespace("7c2f") == "pod-7c2f"
    assert not is_pod_namespace(NODE_NAMESPACE)
    assert not is_pod_namespace(VSWITCH_NAMESPACE)


def test_a_device_is_found_by_name() -> None:
    bridge = Link(name="b0", kind=Bridge())
    objects = NamespaceObjects(links=frozenset([bridge, Link(name="lo", kind=Loopback())]))
    assert objects.link("b0") == bridge
    assert objects.link("b1") is None
