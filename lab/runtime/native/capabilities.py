"""What this machine can do for the native runtime, and what to do where it can't."""

import json
import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from agents.kernel.processes import search_path
from lab.runtime.native.features import FEATURES, Feature, try_all
from lab.runtime.native.id_calls import CALLS
from lab.runtime.native.identity import identity_map
from lab.runtime.native.trial import NoCapsule, inside_capsule
from lab.runtime.provider import Capability

OLDEST_KERNEL = (5, 12)
"""mount_setattr(2), by which the machine's files are read-only in a lab."""

CAPSULE = "namespaces of one's own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program that hosts start."""

    name: str
    package: str
    """Debian's."""
    needed_for: str
    required: bool = True


_ANY_LAB = "deploying any lab"
_KUBENET = "clusters with kubenet"
_BY_HAND = "looking around by hand"

TOOLS = (
    Tool(name="nft", package="nftables", needed_for=_ANY_LAB),
    Tool(name="nsenter", package="util-linux", needed_for="vnetlab exec and tests"),
    Tool(name="unshare", package="util-linux", needed_for="vnetlab exec and tests"),
    Tool(name="mount", package="mount", needed_for="vnetlab exec and tests"),
    Tool(name="hostname", package="hostname", needed_for="vnetlab exec and tests"),
    Tool(name="iptables-nft-restore", package="iptables", needed_for=_KUBENET),
    Tool(name="ebtables-nft-restore", package="iptables", needed_for=_KUBENET),
    Tool(name="ip", package="iproute2", needed_for="this check"),
    Tool(name="ping", package="iputils-ping", needed_for="ping in tests", required=False),
    Tool(name="tcpdump", package="tcpdump", needed_for="packets in tests", required=False),
    Tool(name="curl", package="curl", needed_for="http in tests", required=False),
    Tool(name="dig", package="bind9-dnsutils", needed_for="dns in tests", required=False),
    Tool(name="haproxy", package="haproxy", needed_for="Azure firewalls", required=False),
    Tool(name="brctl", package="bridge-utils", needed_for=_BY_HAND, required=False),
    Tool(name="traceroute", package="traceroute", needed_for=_BY_HAND, required=False),
    Tool(name="conntrack", package="conntrack", needed_for=_BY_HAND, required=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A setting by which a machine keeps ordinary users from namespaces."""

    sysctl: str
    forbidding: str
    permitting: str
    concerns_root: bool = False


RESTRICTIONS = (
    Restriction(
        sysctl="user.max_user_namespaces",
        forbidding="0",
        permitting="15000",
        concerns_root=True,
    ),
    Restriction(sysctl="kernel.unprivileged_userns_clone", forbidding="0", permitting="1"),
    Restriction(
        sysctl="kernel.apparmor_restrict_unprivileged_userns", forbidding="1", permitting="0"
    ),
)


def capabilities() -> tuple[Capability, ...]:
    """Everything that the native runtime and its hosts need, present or not.

    What the kernel can do is tried in a capsule; all in all it takes 50 ms.
    """
    found = [kernel_capability(platform.release()), *(_tool(tool) for tool in TOOLS)]
    try:
        said = json.loads(inside_capsule(_try_features))
    except NoCapsule as refusal:
        return (*found, _capsule(str(refusal)))
    return (
        *found,
        _capsule(""),
        _identities(said.pop(_SET_GROUPS)),
        *(_feature(feature, said[feature.name]) for feature in FEATURES),
    )


_SET_GROUPS = "setgroups"


def _try_features() -> bytes:
    said = dict(try_all(FEATURES))
    try:
        os.setgroups([0])
        said[_SET_GROUPS] = ""
    except OSError as refusal:
        said[_SET_GROUPS] = str(refusal)
    return json.dumps(said).encode()


def kernel_capability(release: str) -> Capability:
    """Whether a kernel of that release can run a capsule."""
    version = tuple(int(number) for number in re.findall(r"\d+", release)[:2])
    oldest = ".".join(str(number) for number in OLDEST_KERNEL)
    return Capability(
        name=f"Linux {oldest} or newer",
        present=version >= OLDEST_KERNEL,
        needed_for=_ANY_LAB,
        seen=release,
        remedy=f"boot a kernel of at least {oldest}, or take the docker runtime",
    )


def _tool(tool: Tool) -> Capability:
    path = shutil.which(tool.name, path=search_path())
    return Capability(
        name=tool.name,
        present=path is not None,
        needed_for=tool.needed_for,
        seen=path or "not installed",
        remedy=f"apt-get install {tool.package}",
        required=tool.required,
    )


def _capsule(refusal: str) -> Capability:
    forbidding = _forbidding()
    return Capability(
        name=CAPSULE,
        present=not refusal,
        needed_for=_ANY_LAB,
        seen=refusal or "tried",
        remedy=_remedy(forbidding[0])
        if forbidding
        else "let the machine or container permit user, mount, network and pid namespaces; "
        "a container needs its seccomp and AppArmor profiles unconfined",
    )


def _forbidding() -> tuple[Restriction, ...]:
    ordinary = identity_map().single
    return tuple(
        restriction
        for restriction in RESTRICTIONS
        if (ordinary or restriction.concerns_root)
        and _read(restriction.sysctl) == restriction.forbidding
    )


def _read(sysctl: str) -> str | None:
    try:
        return Path("/proc/sys", *sysctl.split(".")).read_text().strip()
    except OSError:
        return None


def _remedy(restriction: Restriction) -> str:
    return (
        f"as root: sysctl -w {restriction.sysctl}={restriction.permitting} "
        "(and in /etc/sysctl.d to keep it)"
    )


def _identities(refusal: str) -> Capability:
    return Capability(
        name="tools that change their user",
        present=not refusal,
        needed_for="tcpdump, and whatever gives up its rights",
        seen=refusal or "tried",
        remedy=f"on {platform.machine()} run labs as root; "
        f"ordinary users are helped on {' and '.join(sorted(CALLS))}",
        required=False,
    )


def _feature(feature: Feature, refusal: str) -> Capability:
    return Capability(
        name=feature.name,
        present=not refusal,
        needed_for=feature.needed_for,
        seen=refusal or "tried",
        remedy=f"take a kernel with {feature.option}, or load its module as root",
        required=feature.required,
    )
