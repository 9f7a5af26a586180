"""One namespace of the kernel in memory: its tables, and what follows from what in them."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address

from agents.kernel.door import View
from agents.objects.address import Address
from agents.objects.filter import FilterTable
from agents.objects.link import Link, Loopback
from agents.objects.namespace import NamespaceObjects, Observed
from agents.objects.neighbour import Neighbour
from agents.objects.nexthop import Nexthop
from agents.objects.origin import Origin
from agents.objects.route import Route, RouteKey
from agents.objects.rule import LOCAL_TABLE, Rule
from agents.objects.ruleset import Ruleset, RulesetName

_LOCALHOST = Address(link="lo", interface=IPv4Interface("127.0.0.1/8"))
_LOOPBACK = Link(
    name="lo", kind=Loopback(), up=False, mtu=65536, mac="00:00:00:00:00:00", master=""
)
_RULES = ((0, LOCAL_TABLE), (32766, 254), (32767, 253))
_DEVICE_SYSCTLS = ("net.ipv4.conf.", "net.ipv4.neigh.", "net.ipv6.conf.", "net.ipv6.neigh.")
_NO_DEVICES = ("all", "default")


class Refusal(Exception):
    """The kernel says no."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(f"{message or os.strerror(code)} ({errno.errorcode[code]})")
        self.code = code


@dataclass(slots=True)
class FakeNamespace:
    """Mutable; whatever it refuses, it leaves as it was."""

    links: dict[str, Link] = field(default_factory=lambda: {"lo": _LOOPBACK})
    addresses: set[Address] = field(default_factory=set)
    routes: dict[RouteKey, Route] = field(default_factory=dict)
    nexthops: dict[int, Nexthop] = field(default_factory=dict)
    neighbours: dict[tuple[str, IPv4Address | IPv6Address], Neighbour] = field(default_factory=dict)
    rules: set[Rule] = field(
        default_factory=lambda: {
            Rule(priority=priority, table=table, origin=Origin.KERNEL) for priority, table in _RULES
        }
    )
    sysctls: dict[str, str] = field(default_factory=dict)
    rulesets: dict[RulesetName, str] = field(default_factory=dict)

    def observed(self, view: View) -> Observed:
        """What the view asks for; cables as they are noted."""
        objects = NamespaceObjects(
            links=frozenset(self.links.values()),
            addresses=frozenset(self.addresses | ({_LOCALHOST} if self.links["lo"].up else set())),
            routes=frozenset(self.routes.values()),
            sysctls={name: self.sysctls[name] for name in view.sysctls if name in self.sysctls},
        )
        if view.routing_policy:
            objects = replace(
                objects,
                nexthops=frozenset(self.nexthops.values()),
                rules=frozenset(self.rules),
            )
        if view.neighbours:
            objects = replace(objects, neighbours=frozenset(self.neighbours.values()))
        standing = {name: self.rulesets[name] for name in view.rulesets if name in self.rulesets}
        return Observed(objects=objects, rulesets=standing)

    def device(self, name: str) -> Link:
        """The device of that name. Raises `Refusal` (ENODEV)."""
        if name not in self.links:
            raise Refusal(errno.ENODEV, f"no device {name}")
        return self.links[name]

    def add(self, value: Address | Route | Nexthop | Neighbour | Rule) -> None:
        """Make an object that needs no other namespace. Raises `Refusal`."""
        match value:
            case Address():
                self.device(value.link)
                _refuse_taken(self._assigned(value) is not None)
                self.addresses.add(value)
            case Route():
                _refuse_taken(value.key in self.routes)
                self.put(value)
            case Nexthop():
                _refuse_taken(value.number in self.nexthops)
                self.put(value)
            case Neighbour():
                self.put(value)
            case Rule():
                _refuse_taken(value in self.rules)
                self.rules.add(value)

    def put(self, value: Route | Nexthop | Neighbour) -> None:
        """Make an object in place of whatever has its identity. Raises `Refusal`."""
        match value:
            case Route():
                self._check(value)
                self.routes[value.key] = value
            case Nexthop():
                self._running(value.link)
                self.nexthops[value.number] = value
            case Neighbour():
                self.device(value.link)
                self.neighbours[value.link, value.address] = value

    def change(self, link: Link) -> None:
        """Set what `link` has an opinion on. Raises `Refusal`."""
        before = self.device(link.name)
        if link.master:
            self.device(link.master)
        master = before.master if link.master is None else link.master
        if link.hairpin and master and not before.master:
            raise Refusal(errno.EOPNOTSUPP)
        self.links[link.name] = replace(
            link,
            kind=before.kind,
            mtu=before.mtu if link.mtu is None else link.mtu,
            mac=before.mac if link.mac is None else link.mac,
            master=master,
            hairpin=link.hairpin and bool(master),
        )
        if before.up and not link.up:
            self._forget_paths(lambda name: name == link.name)

    def remove(self, value: Address | Route | Nexthop | Neighbour | Rule) -> None:
        """Take an object away, and what cannot be without it. Raises `Refusal`."""
        match value:
            case Address():
                self._remove_address(value)
            case Route():
                _refuse_absent(value.key not in self.routes, errno.ESRCH)
                del self.routes[value.key]
            case Nexthop():
                _refuse_absent(value.number not in self.nexthops)
                del self.nexthops[value.number]
                self._forget_routes(lambda route: route.nexthop == value.number)
            case Neighbour():
                self.device(value.link)
                _refuse_absent((value.link, value.address) not in self.neighbours)
                del self.neighbours[value.link, value.address]
            case Rule():
                _refuse_absent(value not in self.rules)
                self.rules.remove(value)

    def remove_device(self, name: str) -> None:
        """Take a device away, with all that is configured on it. Raises `Refusal`."""
        self.device(name)
        del self.links[name]
        self.addresses = {address for address in self.addresses if address.link != name}
        self.neighbours = {key: n for key, n in self.neighbours.items() if n.link != name}
        self.sysctls = {key: v for key, v in self.sysctls.items() if _device_of(key) != name}
        for port, link in self.links.items():
            if link.master == name:
                self.links[port] = replace(link, master="", hairpin=False)
        self._forget_paths(lambda link: link == name)

    def set_sysctl(self, name: str, value: str) -> None:
        """Raises `Refusal` (ENOENT) for those of a device that is not there."""
        device = _device_of(name)
        if device is not None and device not in self.links:
            raise Refusal(errno.ENOENT)
        self.sysctls[name] = value

    def load(self, ruleset: Ruleset | FilterTable) -> None:
        """Have a ruleset stand under its name; one without rules goes."""
        self.rulesets.pop(ruleset.name, None)
        if ruleset.rules:
            self.rulesets[ruleset.name] = ruleset.digest

    def _running(self, name: str) -> Link:
        link = self.device(name)
        if not link.up:
            raise Refusal(errno.ENETDOWN)
        return link

    def _check(self, route: Route) -> None:
        if route.nexthop is not None:
            if route.nexthop not in self.nexthops:
                raise Refusal(errno.EINVAL, "Nexthop id does not exist")
            return
        if route.link is not None:
            self._running(route.link)
        if route.gateway is not None and not route.on_link:
            reachable = any(
                address.link == route.link
                and address.on_link
                and route.gateway in address.interface.network
                for address in self.addresses
            ) or any(
                direct.link == route.link
                and direct.gateway is None
                and route.gateway in direct.prefix
                for direct in self.routes.values()
            )
            if not reachable:
                raise Refusal(errno.ENETUNREACH, "Nexthop has invalid gateway")
        local = {address.interface.ip for address in self.addresses}
        if route.source is not None and route.source not in local:
            raise Refusal(errno.EINVAL, "Invalid prefsrc address")

    def _assigned(self, wanted: Address) -> Address | None:
        for address in self.addresses:
            if address.link == wanted.link and address.interface == wanted.interface:
                return address
        return None

    def _remove_address(self, value: Address) -> None:
        self.device(value.link)
        assigned = self._assigned(value)
        if assigned is None:
            raise Refusal(errno.EADDRNOTAVAIL)
        self.addresses.remove(assigned)
        self._forget_routes(lambda route: route.source == value.interface.ip)
        if not any(address.link == value.link for address in self.addresses):
            self._forget_routes(lambda route: route.link == value.link)

    def _forget_paths(self, through: Callable[[str | None], bool]) -> None:
        """A device is down or gone: its nexthops and routes are, too."""
        self.nexthops = {
            n: nexthop for n, nexthop in self.nexthops.items() if not through(nexthop.link)
        }
        self._forget_routes(
            lambda route: (
                through(route.link)
                or (route.nexthop is not None and route.nexthop not in self.nexthops)
            )
        )

    def _forget_routes(self, which: Callable[[Route], bool]) -> None:
        self.routes = {key: route for key, route in self.routes.items() if not which(route)}


def _refuse_taken(taken: bool) -> None:  # noqa: FBT001
    if taken:
        raise Refusal(errno.EEXIST)


def _refuse_absent(absent: bool, code: int = errno.ENOENT) -> None:  # noqa: FBT001
    if absent:
        raise Refusal(code)


def _device_of(sysctl: str) -> str | None:
    """The device that a sysctl comes and goes with; a name without dots."""
    for prefix in _DEVICE_SYSCTLS:
        if sysctl.startswith(prefix):
            device = sysctl.removeprefix(prefix).partition(".")[0]
            return None if device in _NO_DEVICES else device
    return None
