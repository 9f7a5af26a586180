"""Attaches and detaches pods the way a container runtime does: one process per plugin.

    python3 cni_chain.py PODS

Runs inside a namespace of its own. The chain is that of kubenet: bridge with
host-local addresses, then portmap. The pod's namespace, and lo in it, are made by
system calls, not by starting `ip` or the loopback plugin: newer runtimes do it
that way too, and it is the faster one. Prints one JSON object of milliseconds per
pod.
"""

import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

PLUGINS = "/usr/lib/cni"
NETWORK = "kubenet"
CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MNT_DETACH = 2
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1

BRIDGE = {
    "cniVersion": "0.3.1",
    "name": NETWORK,
    "type": "bridge",
    "bridge": "cbr0",
    "mtu": 1500,
    "addIf": "eth0",
    "isGateway": True,
    "ipMasq": False,
    "promiscMode": True,
    "hairpinMode": False,
    "ipam": {
        "type": "host-local",
        "subnet": "10.244.0.0/24",
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": "/run/cni",
    },
}
PORTMAP = {
    "cniVersion": "0.3.1",
    "name": NETWORK,
    "type": "portmap",
    "capabilities": {"portMappings": True},
    "externalSetMarkChain": "KUBE-MARK-MASQ",
}

Result = dict[str, Any]
T = TypeVar("T")

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def make_namespace(path: str) -> None:
    """Pins a new network namespace at `path`; a thread makes it, so that ours stays."""

    def work() -> None:
        check(libc.unshare(CLONE_NEWNET))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
        check(libc.mount(b"/proc/thread-self/ns/net", path.encode(), b"none", MS_BIND, None))

    with open(path, "x"):
        pass
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def remove_namespace(path: str) -> None:
    check(libc.umount2(path.encode(), MNT_DETACH))
    os.unlink(path)


def plugin(command: str, configuration: dict[str, Any], pod: str) -> Result:
    done = subprocess.run(
        [f"{PLUGINS}/{configuration['type']}"],
        input=json.dumps(configuration).encode(),
        env={
            "CNI_COMMAND": command,
            "CNI_CONTAINERID": pod,
            "CNI_NETNS": f"/run/netns/{pod}",
            "CNI_IFNAME": "eth0",
            "CNI_PATH": PLUGINS,
            "PATH": os.environ["PATH"],
        },
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{configuration['type']} {command}: {done.stdout.decode()}")
    result: Result = json.loads(done.stdout or b"{}")
    return result


def attach(pod: str) -> Result:
    make_namespace(f"/run/netns/{pod}")
    result = plugin("ADD", BRIDGE, pod)
    return plugin("ADD", {**PORTMAP, "prevResult": result}, pod)


def detach(pod: str, result: Result) -> None:
    plugin("DEL", {**PORTMAP, "prevResult": result}, pod)
    plugin("DEL", BRIDGE, pod)
    remove_namespace(f"/run/netns/{pod}")


def milliseconds(work: Callable[..., T], *arguments: object) -> tuple[float, T]:
    started = time.perf_counter()
    result = work(*arguments)
    return (time.perf_counter() - started) * 1000, result


def main() -> None:
    pods = [f"pod{number}" for number in range(int(sys.argv[1]))]
    os.makedirs("/run/netns", exist_ok=True)
    # The first makes the bridge and reads every plugin from disk; no pod pays for that.
    detach("first", attach("first"))
    attached = [milliseconds(attach, pod) for pod in pods]
    removed = [
        milliseconds(detach, pod, result) for pod, (_, result) in zip(pods, attached, strict=True)
    ]
    print(
        json.dumps(
            {"attach": [time for time, _ in attached], "detach": [time for time, _ in removed]}
        )
    )


if __name__ == "__main__":
    main()
