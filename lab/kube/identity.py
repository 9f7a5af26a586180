"""What pods and Services are known by: template hash, name, uid, and what is named after them.

On a real cluster most of this is random. Here it is derived, so that the same
manifests give the same pods and a second deploy finds everything in place.
"""

import hashlib
import json
from collections.abc import Container as ContainerOf

from lab.kube.manifests import Container, PodSpec, PodTemplate

SAFE_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes leaves out vowels and digits that look like them, lest names spell words."""
SUFFIX_LENGTH = 5


def template_hash(template: PodTemplate) -> str:
    """The pod-template-hash of a Deployment's pods; another template, another hash."""
    seed = _seed("template", dict(template.metadata.labels), _spec(template.spec))
    number = int.from_bytes(seed[:4])
    return "".join(SAFE_ALPHABET[ord(digit) % len(SAFE_ALPHABET)] for digit in str(number))


def generated_name(prefix: str, *seed: str, taken: ContainerOf[str]) -> str:
    """``prefix`` with five letters behind it, derived from `seed`, that is not in `taken`."""
    attempt = 0
    while True:
        number = int.from_bytes(_seed("name", prefix, seed, attempt)[:8])
        letters = ""
        for _ in range(SUFFIX_LENGTH):
            number, index = divmod(number, len(SAFE_ALPHABET))
            letters += SAFE_ALPHABET[index]
        if (name := f"{prefix}-{letters}") not in taken:
            return name
        attempt += 1


def pod_uid(cluster: str, namespace: str, name: str, spec: PodSpec) -> str:
    """The uid of a pod. One that is replaced because its spec changed is another pod."""
    return _uid(_seed("pod", cluster, namespace, name, _spec(spec)))


def service_uid(cluster: str, namespace: str, name: str) -> str:
    """The uid of a Service. One that is made again under its name is the same."""
    return _uid(_seed("service", cluster, namespace, name))


def sandbox_id(uid: str) -> str:
    """The container id of a pod's sandbox: 64 hexadecimal digits, as containerd's."""
    return _seed("sandbox", uid).hex()


def host_interface(uid: str) -> str:
    """Name of the end of the veth pair that stays in the node."""
    return f"veth{_seed('veth', uid)[:4].hex()}"


def azure_host_interface(uid: str) -> str:
    """The same with Azure CNI: azv and eleven hexadecimal digits (semantics 4.3)."""
    return f"azv{_seed('veth', uid).hex()[:11]}"


def pod_mac(uid: str) -> str:
    """Hardware address of the pod's eth0: locally administered, unicast."""
    digest = _seed("mac", uid)
    return bytes(((digest[0] & 0xFC) | 0x02, *digest[1:6])).hex(":")


def _uid(digest: bytes) -> str:
    text = digest[:16].hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _seed(*parts: object) -> bytes:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def _spec(spec: PodSpec) -> list[object]:
    """Those properties of a pod that cannot be changed while it runs."""
    dns = spec.dns_config
    return [
        [_container(container) for container in spec.containers],
        spec.node_name,
        dict(spec.node_selector),
        spec.host_network,
        spec.hostname,
        [spec.dns_policy.value, dns.nameservers, dns.searches, dns.options],
    ]


def _container(container: Container) -> list[object]:
    ports = [
        [port.container_port, port.protocol.value, port.name, port.host_port]
        for port in container.ports
    ]
    command = [container.command, container.args]
    return [container.name, container.image, command, dict(container.env), ports]
