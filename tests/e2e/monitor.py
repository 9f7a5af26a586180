"""Runs inside a place of a lab: prints a line for everything that writes to its kernel.

Says "listening" once its sockets are open, so that nobody has to guess. Links,
IPv4 addresses, routes, rules and nexthops by rtnetlink; every nftables
transaction by nfnetlink. Not neighbours and not IPv6 addresses: traffic and the
kernel itself make those. Standard library only, as it is handed over as text.
"""

import select
import socket
import struct

ROUTE, NETFILTER = 0, 12
LINK, IPV4_ADDRESS, IPV4_ROUTE, IPV4_RULE, NEXTHOP = 1, 5, 7, 8, 32
NFTABLES = 7
SOL_NETLINK, ADD_MEMBERSHIP = 270, 1
LAST = b"theend"


def listen(protocol: int, groups: tuple[int, ...]) -> socket.socket:
    opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    opened.bind((0, 0))
    for group in groups:
        opened.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)
    return opened


def main() -> None:
    sockets = [
        listen(ROUTE, (LINK, IPV4_ADDRESS, IPV4_ROUTE, IPV4_RULE, NEXTHOP)),
        listen(NETFILTER, (NFTABLES,)),
    ]
    print("listening", flush=True)
    ended: set[socket.socket] = set()
    while len(ended) < len(sockets):
        for ready in select.select(sockets, [], [])[0]:
            data = ready.recv(1 << 16)
            if ready in ended or LAST in data:
                ended.add(ready)
                continue
            kind = struct.unpack_from("=H", data, 4)[0]
            print(f"protocol {ready.proto} message {kind} {data[:64].hex()}", flush=True)
    print("ended", flush=True)


main()
