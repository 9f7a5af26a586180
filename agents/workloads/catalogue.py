"""The images there are: which ports the built-in workload serves in the place of each.

Nothing is ever pulled. What an image's name stands for is a responder that
behaves alike under every name and listens where the image would. A container
with a command of its own may name any image: the command runs, with the tools of
the machine.
"""

from lab.contract.node_state import Container, ContainerPort, Protocol


def _tcp(*ports: int) -> tuple[ContainerPort, ...]:
    return tuple(ContainerPort(protocol=Protocol.TCP, port=port) for port in ports)


def _both(port: int) -> tuple[ContainerPort, ...]:
    return tuple(ContainerPort(protocol=protocol, port=port) for protocol in Protocol)


NO_PORTS: tuple[ContainerPort, ...] = ()

IMAGES: dict[str, tuple[ContainerPort, ...]] = {
    # Web servers.
    "aks-helloworld": _tcp(80),
    "caddy": _tcp(80),
    "hello": _tcp(80),
    "hello-app": _tcp(8080),
    "hello-world": _tcp(80),
    "httpbin": _tcp(80),
    "httpd": _tcp(80),
    "nginx": _tcp(80),
    "nginx-unprivileged": _tcp(8080),
    "podinfo": _tcp(9898),
    # Those that say whom they saw.
    "agnhost": (*_tcp(8080), ContainerPort(protocol=Protocol.UDP, port=8081)),
    "echo": _both(7),
    "echo-server": _tcp(80),
    "echoserver": _tcp(8080),
    "http-echo": _tcp(5678),
    "whoami": _tcp(80),
    # The name server of clusters: `agents.workloads.cluster_dns`.
    "coredns": (*_both(53), *_tcp(8080, 9153)),
    # Those that listen nowhere unless a container declares ports.
    "alpine": NO_PORTS,
    "busybox": NO_PORTS,
    "curl": NO_PORTS,
    "debian": NO_PORTS,
    "netshoot": NO_PORTS,
    "pause": NO_PORTS,
    "ubuntu": NO_PORTS,
}
"""Ports that an image serves if its container declares none, by the last part of its name."""

COREDNS = "coredns"

STORAGE_ACCOUNT = "storage-account"
"""More than its ports as well: `agents.workloads.storage`."""

SYSTEM_IMAGES: dict[str, tuple[ContainerPort, ...]] = {
    "apiserver-network-proxy/agent": NO_PORTS,
    "azure-cns": NO_PORTS,
    "cluster-proportional-autoscaler": NO_PORTS,
    "ip-masq-agent": NO_PORTS,
    "kube-proxy": NO_PORTS,
    "metrics-server": NO_PORTS,
    STORAGE_ACCOUNT: _tcp(80),
}
"""The same of what clusters bring along: the pods have to be there, and do nothing. What
they do to the network is done by the agent."""


class UnknownImage(LookupError):
    """No built-in workload has that name, and the container brings no command."""


def short_name(image: str) -> str:
    """The last part of an image's name, without registry, repository, tag and digest."""
    return _path(image)[-1]


def is_coredns(container: Container) -> bool:
    """Whether a container answers names, at those of its ports that are DNS's."""
    return short_name(container.image) == COREDNS


def ports_of(container: Container) -> tuple[ContainerPort, ...]:
    """Where the built-in workload listens for a container. Raises `UnknownImage`."""
    path = _path(container.image)
    for name in ("/".join(path[-2:]), path[-1]):
        for images in (IMAGES, SYSTEM_IMAGES):
            if name in images:
                return container.ports or images[name]
    raise UnknownImage(
        f'image "{container.image}" can\'t be had: nothing is pulled, and no built-in '
        f'workload is called "{path[-1]}"; give the container a command, or take one of '
        f"{', '.join(sorted(IMAGES))}"
    )


def _path(image: str) -> list[str]:
    *folders, last = image.partition("@")[0].split("/")
    return [*folders, last.partition(":")[0]]
