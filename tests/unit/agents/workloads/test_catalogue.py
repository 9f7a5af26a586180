import pytest

from agents.workloads.catalogue import IMAGES, SYSTEM_IMAGES, UnknownImage, ports_of, short_name
from lab.contract.node_state import Container, ContainerPort, Protocol

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    "image",
    [
        "nginx",
        "nginx:1.25",
        "docker.io/library/nginx",
        "registry.example:5000/mirror/nginx:1.25-alpine",
        f"nginx@{DIGEST}",
        f"registry.example:5000/nginx:1.25@{DIGEST}",
    ],
)
def test_registry_tag_and_digest_do_not_matter(image: str) -> None:
    assert short_name(image) == "nginx"
    assert ports_of(Container(name="web", image=image)) == IMAGES["nginx"]


def test_declared_ports_replace_those_of_the_image() -> None:
    declared = (ContainerPort(protocol=Protocol.TCP, port=8080),)

    assert ports_of(Container(name="web", image="nginx", ports=declared)) == declared


def test_an_image_is_known_by_two_parts_of_its_name_where_the_last_alone_says_nothing() -> None:
    image = "mcr.microsoft.com/oss/kubernetes/apiserver-network-proxy/agent:v1"

    assert ports_of(Container(name="konnectivity-agent", image=image)) == ()
    with pytest.raises(UnknownImage):
        ports_of(Container(name="agent", image="example/agent"))


def test_an_unknown_image_is_refused_with_those_that_a_person_may_take() -> None:
    with pytest.raises(UnknownImage) as refusal:
        ports_of(Container(name="web", image="example.com/shop/front-end:v3"))

    message = str(refusal.value)
    assert '"example.com/shop/front-end:v3"' in message
    assert "give the container a command" in message
    assert all(name in message for name in IMAGES)
    assert not any(name in message for name in SYSTEM_IMAGES)
