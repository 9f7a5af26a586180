"""What Kubernetes would refuse of a Service, and what it takes."""

import pytest

from tests.unit.lab.kube.manifest_sources import messages

NO_ADDRESS = "is no address of serviceCidr 172.16.1.0/24 that a Service can have"


def service(name: str = "web", spec: str = "ports: [{port: 80}]", namespace: str = "") -> str:
    metadata = f"{{name: {name}, namespace: {namespace or 'default'}}}"
    return f"---\napiVersion: v1\nkind: Service\nmetadata: {metadata}\nspec: {{{spec}}}\n"


@pytest.mark.parametrize(
    "spec",
    [
        "ports: [{port: 80}]",
        "ports: [{port: 80, targetPort: http}]",
        "ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]",
        "clusterIP: None",
        "clusterIP: 172.16.1.254, ports: [{port: 80}]",
        'clusterIP: "", ports: [{port: 80}]',
        "ports: [{port: 80}], sessionAffinity: ClientIP",
    ],
)
def test_what_kubernetes_takes(spec: str) -> None:
    assert messages(service(spec=spec)) == []


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("selector: {a: b}", "Service 'web' has no ports"),
        (
            "ports: [{port: 80}, {name: b, port: 81}]",
            "port 80 of Service 'web' has no name, which it needs beside other ports",
        ),
        (
            "ports: [{name: a, port: 80}, {name: a, port: 81}]",
            "two ports of Service 'web' are called 'a'",
        ),
        (
            "ports: [{name: a, port: 80}, {name: b, port: 80}]",
            "Service 'web' has TCP port 80 twice",
        ),
        (
            "clusterIP: 172.16.2.9, ports: [{port: 80}]",
            f"clusterIP 172.16.2.9 of Service 'web' {NO_ADDRESS}",
        ),
        (
            "clusterIP: 172.16.1.0, ports: [{port: 80}]",
            f"clusterIP 172.16.1.0 of Service 'web' {NO_ADDRESS}",
        ),
        (
            "clusterIP: 172.16.1.10, ports: [{port: 80}]",
            "clusterIP 172.16.1.10 of Service 'web' is that of Service 'kube-dns' (dnsServiceIP)",
        ),
    ],
)
def test_what_kubernetes_refuses(spec: str, message: str) -> None:
    assert messages(service(spec=spec)) == [message]


def test_an_address_is_one_services() -> None:
    spec = "clusterIP: 172.16.1.20, ports: [{port: 80}]"

    assert messages(service("one", spec) + service("two", spec)) == [
        "clusterIP 172.16.1.20 of Service 'two' is that of Service 'one'"
    ]


def test_what_every_cluster_brings_is_nobodys_to_write() -> None:
    assert messages(service("kubernetes")) == [
        "every cluster brings Service 'kubernetes' in namespace 'default' itself"
    ]
    assert messages(service("kubernetes", namespace="kube-system")) == []
