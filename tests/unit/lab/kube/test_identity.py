"""What real clusters draw at random is derived here, in the same shape."""

import re
import uuid
from dataclasses import replace

from lab.kube import identity
from lab.kube.manifests import Container, ContainerPort, ObjectMeta, PodSpec, PodTemplate

SPEC = PodSpec(containers=(Container(name="nginx", image="nginx"),))
TEMPLATE = PodTemplate(metadata=ObjectMeta(name="", labels={"app": "nginx"}), spec=SPEC)


def uid(
    cluster: str = "aks01", namespace: str = "default", name: str = "p", spec: PodSpec = SPEC
) -> str:
    return identity.pod_uid(cluster, namespace, name, spec)


def test_a_template_hash_has_the_shape_of_the_real_one() -> None:
    """nginx-6799fc88d8-ltwhl in the published capture."""
    assert re.fullmatch(r"[bcdfghjklmnpqrstvwxz2456789]{6,10}", identity.template_hash(TEMPLATE))


def test_a_template_hash_follows_labels_and_spec() -> None:
    other_image = replace(SPEC, containers=(Container(name="nginx", image="nginx:1.27"),))
    templates = [
        TEMPLATE,
        replace(TEMPLATE, metadata=ObjectMeta(name="", labels={"app": "other"})),
        replace(TEMPLATE, spec=other_image),
        replace(TEMPLATE, spec=replace(SPEC, node_selector={"agentpool": "one"})),
    ]
    assert len({identity.template_hash(template) for template in templates}) == 4


def test_the_order_of_labels_makes_no_difference() -> None:
    first = replace(TEMPLATE, metadata=ObjectMeta(name="", labels={"a": "1", "b": "2"}))
    second = replace(TEMPLATE, metadata=ObjectMeta(name="", labels={"b": "2", "a": "1"}))
    assert identity.template_hash(first) == identity.template_hash(second)


def test_a_generated_name_has_five_letters_and_stays_the_same() -> None:
    name = identity.generated_name("nginx-6799fc88d8", "0", taken=())
    assert re.fullmatch(r"nginx-6799fc88d8-[bcdfghjklmnpqrstvwxz2456789]{5}", name)
    assert identity.generated_name("nginx-6799fc88d8", "0", taken=()) == name


def test_a_generated_name_that_is_taken_is_not_given_again() -> None:
    first = identity.generated_name("nginx", "0", taken=())
    second = identity.generated_name("nginx", "0", taken={first})
    assert second != first
    assert identity.generated_name("nginx", "0", taken={first, second}) not in {first, second}


def test_a_uid_is_a_uuid_that_belongs_to_one_pod() -> None:
    uids = [uid(), uid(cluster="aks02"), uid(namespace="other"), uid(name="q")]
    assert len(set(uids)) == 4
    assert [str(uuid.UUID(each)) for each in uids] == uids


def test_a_pod_whose_spec_changed_is_another_pod() -> None:
    """Almost nothing of a running pod can be changed: it is replaced."""
    port = ContainerPort(container_port=80)
    specs = [
        SPEC,
        replace(SPEC, node_name="n1"),
        replace(SPEC, host_network=True),
        replace(SPEC, hostname="other"),
        replace(SPEC, containers=(Container(name="nginx", image="nginx", ports=(port,)),)),
        replace(SPEC, containers=(Container(name="nginx", image="nginx", env={"A": "1"}),)),
        replace(SPEC, containers=(Container(name="nginx", image="nginx", command=("sh",)),)),
        replace(SPEC, containers=(Container(name="nginx", image="nginx", args=("sh",)),)),
    ]
    assert len({uid(spec=spec) for spec in specs}) == len(specs)


def test_the_end_of_the_veth_pair_is_named_as_in_the_capture() -> None:
    """vetha11a2630; an interface name has at most 15 characters."""
    assert re.fullmatch(r"veth[0-9a-f]{8}", identity.host_interface(uid()))


def test_a_pod_has_a_locally_administered_unicast_address() -> None:
    for number in range(200):
        mac = identity.pod_mac(str(number))
        assert re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", mac)
        assert int(mac[:2], 16) & 0b11 == 0b10


def test_a_sandbox_has_an_id_like_containerds() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", identity.sandbox_id(uid()))
    assert identity.sandbox_id(uid()) != identity.sandbox_id(uid(name="q"))
