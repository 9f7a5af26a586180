"""Mininet builds one Linux bridge per node with two hosts each, and takes it down again.

Run by the system's Python, which is where Debian puts Mininet, inside a
namespace of its own::

    python3 mininet_bridges.py NODES [joined]

`joined` adds a bridge that every node's bridge is linked to, so that hosts of
different nodes can reach each other; one ping proves it. Prints one JSON object
of seconds.
"""

import json
import sys
import time

import mininet.net
from mininet.log import setLogLevel
from mininet.nodelib import LinuxBridge
from mininet.topo import Topo

HOSTS_PER_NODE = 2


class Nodes(Topo):  # type: ignore[misc]  # Mininet has no types
    """Bridges with two hosts each."""

    def build(self, *, nodes: int, joined: bool) -> None:
        spine = self.addSwitch("s0") if joined else None
        for number in range(1, nodes + 1):
            bridge = self.addSwitch(f"s{number}")
            if spine:
                self.addLink(bridge, spine)
            for host in range(HOSTS_PER_NODE):
                self.addLink(self.addHost(f"h{number}x{host}"), bridge)


def main() -> None:
    nodes, joined = int(sys.argv[1]), sys.argv[2:] == ["joined"]
    setLogLevel("error")
    # It would raise limits of the whole machine.
    mininet.net.fixLimits = lambda: None

    started = time.monotonic()
    net = mininet.net.Mininet(
        topo=Nodes(nodes=nodes, joined=joined), switch=LinuxBridge, controller=None, build=False
    )
    net.build()
    net.start()
    built = time.monotonic()

    if joined:
        reply = net.get("h1x0").cmd("ping -c 1 -W 2", net.get(f"h{nodes}x1").IP())
        if " 0% packet loss" not in reply:
            sys.exit(f"hosts of two nodes do not reach each other: {reply}")

    stopping = time.monotonic()
    net.stop()
    print(json.dumps({"build": built - started, "destroy": time.monotonic() - stopping}))


if __name__ == "__main__":
    main()
