"""The command line that enters a place: the one way in, for people, probes and workloads.

A place is a network namespace and the few files of its own that tools look at.
The namespace is pinned; the files are put over the machine's in a mount
namespace that lasts as long as the command. No interpreter but ``sh`` starts on
the way, and exit code, terminal and signals are the command's own.
"""

from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from agents.objects.namespace import NODE_NAMESPACE, VSWITCH_NAMESPACE, pod_namespace

NODE_FILES = (
    "etc/hosts",
    "etc/hostname",
    "etc/resolv.conf",
    "etc/cni",
    "etc/haproxy",
    "var/lib",
    "var/log",
)
"""What of a node's root directory is shown in its place."""

POD_FILES = ("hosts", "hostname", "resolv.conf")
"""What a pod shows in its ``/etc``."""

# Of the place's own network namespace: bridge-utils and others read devices there.
# Machines that are containers themselves may not allow it; most tools do without.
_SYSFS = "mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys 2>/dev/null || :"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where a host's things lie: the paths of `agents.config.AgentConfig`."""

    namespaces: Path
    run_directory: Path
    root: Path
    """``/``: the machine is the node, and shows its own files already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlace:
    """The node's operating system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VswitchPlace:
    """The virtual switch beside the node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodPlace:
    """A pod."""

    uid: str


Place = NodePlace | VswitchPlace | PodPlace


def pin(layout: Layout, place: Place) -> Path:
    """The file that the place's network namespace is pinned on."""
    match place:
        case NodePlace():
            name = NODE_NAMESPACE
        case VswitchPlace():
            name = VSWITCH_NAMESPACE
        case PodPlace(uid=uid):
            name = pod_namespace(uid)
    return layout.namespaces / name


def pod_directory(layout: Layout, uid: str) -> Path:
    """Where a pod's `POD_FILES` lie."""
    return layout.run_directory / "pods" / uid


def network_entry(layout: Layout, place: Place) -> tuple[str, ...]:
    """What to put before a command that needs the place's network and none of its files.

    A tenth of what `entry` costs, which is nearly all the mounting of files.
    """
    return ("nsenter", f"--net={pin(layout, place)}", "--")


def entry(layout: Layout, place: Place) -> tuple[str, ...]:
    """What to put before a command so that it runs in the place."""
    join = network_entry(layout, place)
    match place:
        case NodePlace():
            if layout.root == Path("/"):
                return join
            files = [(layout.root / file, f"/{file}") for file in NODE_FILES]
            hostname = layout.root / "etc/hostname"
        case PodPlace(uid=uid):
            directory = pod_directory(layout, uid)
            files = [(directory / file, f"/etc/{file}") for file in POD_FILES]
            hostname = directory / "hostname"
        case VswitchPlace():
            return (*join, "unshare", "--mount", "--", "sh", "-c", _script([_SYSFS]), "vnetlab")
    steps = [_SYSFS, _named_by(hostname), *(_shown(source, target) for source, target in files)]
    return (*join, "unshare", "--mount", "--uts", "--", "sh", "-c", _script(steps), "vnetlab")


def _script(steps: list[str]) -> str:
    return "\n".join(["set -e", *steps, 'exec "$@"'])


def _named_by(file: Path) -> str:
    return f'read -r name <{quote(str(file))} && hostname "$name"'


def _shown(source: Path, target: str) -> str:
    """One thing of the place's own over the machine's; skipped where the place has none."""
    return f"[ ! -e {quote(str(source))} ] || mount --bind {quote(str(source))} {target}"
