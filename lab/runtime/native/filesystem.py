"""What the capsule's processes see of the machine's files.

Everything of the machine is there to be read and run, and nothing to be written:
a lab never changes the machine's files, not even root's lab. Where tools write
(/run, /tmp, /var, /etc) the capsule has file systems of its own, in memory, gone
with it. Of /etc it has a copy of what lies on top, as nodes and pods put their
own files over it; directories below lead to the machine's. Of /dev it has what
every program may use: root's lab could write to a disk through any other device.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from lab.runtime.native import syscalls
from lab.runtime.native.syscalls import Mount

LAB = Path("/run/vnetlab/lab")
"""The lab's state directory on the machine; the one thing there that can be written."""

HOSTS = Path("/run/vnetlab/hosts")
"""One directory per host: `agents.config.AgentConfig.run_directory`."""

MACHINE = Path("/run/vnetlab/machine")
"""The machine's own /etc, and ways to all else that links in it may lead to."""

OWN = ("/run", "/tmp", "/var", "/etc", "/dev")
"""Where the capsule has file systems of its own."""

DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "net/tun", "pts")
"""The devices there are inside; terminals are the machine's, as commands run on the caller's."""

DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}

GUARDED = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi")
"""Of /proc, what would change the machine if root's lab wrote there (all but net)."""

LARGEST_COPY = 256 * 1024
"""Bytes; nothing that tools look up in /etc is larger."""

HOSTNAME_FILES = {
    "hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
    "hostname": "localhost\n",
    # Without a resolver of its own a place would ask the machine's, and wait for it.
    "resolv.conf": "",
}
"""Real files, for every place puts its own over them by a bind mount."""

SKELETON = ("cache", "lib", "lib/misc", "local", "log", "mail", "opt", "spool")


def furnish(state_directory: Path | None, *, visible: Iterable[Path]) -> None:
    """Make this mount namespace the capsule's; the first process of its pid namespace calls it.

    `state_directory`: the lab's; None: nothing of the machine can be written at all.
    `visible`: paths of the machine that stay reachable though they lie where the
    capsule has file systems of its own: the program itself, above all. Raises OSError.
    """
    syscalls.mount("none", "/", flags=Mount.REC | Mount.PRIVATE)
    lab = None if state_directory is None else syscalls.clone_tree(str(state_directory))
    syscalls.make_read_only("/")
    machine_etc = syscalls.clone_tree("/etc")
    etc_entries = _copies_of_etc()
    devices = [
        (syscalls.clone_tree(f"/dev/{name}"), name)
        for name in DEVICES
        if os.path.exists(f"/dev/{name}")
    ]
    kept = [(syscalls.clone_tree(str(path)), path) for path in hidden(visible)]

    for own in OWN:
        _mount_tmpfs(own, mode=0o1777 if own == "/tmp" else 0o755)
    _fill_run(lab=lab, machine_etc=machine_etc)
    _fill_dev(devices)
    _fill_etc(etc_entries)
    _fill_var()
    for tree, path in kept:
        path.mkdir(parents=True, exist_ok=True)
        syscalls.attach_tree(tree, str(path))
    _mount_proc()
    _mount_sys()


def hidden(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Those of the directories that the capsule's own file systems would hide, outermost first.

    A directory inside another of them comes with it.
    """
    chosen: list[Path] = []
    for path in sorted({Path(os.path.abspath(path)) for path in paths}):
        lies_below = any(path.is_relative_to(own) for own in OWN)
        if lies_below and not any(path.is_relative_to(outer) for outer in chosen):
            chosen.append(path)
    return tuple(chosen)


def _mount_tmpfs(path: str, *, mode: int) -> None:
    syscalls.mount(
        "tmpfs", path, kind="tmpfs", flags=Mount.NOSUID | Mount.NODEV, data=f"mode={mode:o}"
    )


def _fill_run(*, lab: int | None, machine_etc: int) -> None:
    for directory in (LAB, HOSTS, MACHINE / "etc", Path("/run/lock")):
        directory.mkdir(parents=True)
    if lab is not None:
        syscalls.attach_tree(lab, str(LAB))
    syscalls.attach_tree(machine_etc, str(MACHINE / "etc"))
    # Links in /etc may climb out of it (../usr/lib/os-release) and have to arrive.
    for name in os.listdir("/"):
        if name != "etc":
            (MACHINE / name).symlink_to(f"/{name}")


def _fill_dev(devices: Iterable[tuple[int, str]]) -> None:
    dev = Path("/dev")
    for tree, name in devices:
        target = dev / name
        if name == "pts":
            target.mkdir()
        else:
            target.parent.mkdir(exist_ok=True)
            target.touch()
        syscalls.attach_tree(tree, str(target))
    for name, target_text in DEVICE_LINKS.items():
        (dev / name).symlink_to(target_text)
    (dev / "shm").mkdir()
    (dev / "shm").chmod(0o1777)


def _copies_of_etc() -> Sequence[tuple[str, str | tuple[bytes, int]]]:
    """What is to lie in the capsule's /etc: names with a link's target, or content and mode."""
    entries: list[tuple[str, str | tuple[bytes, int]]] = []
    for entry in os.scandir("/etc"):
        if entry.name in HOSTNAME_FILES or entry.name == "cni":
            continue
        if entry.is_symlink():
            entries.append((entry.name, os.readlink(entry.path)))
        elif entry.is_dir():
            entries.append((entry.name, str(MACHINE / "etc" / entry.name)))
        elif entry.is_file():
            found = entry.stat()
            if found.st_mode & 0o004 and found.st_size <= LARGEST_COPY:
                content = Path(entry.path).read_bytes()
                entries.append((entry.name, (content, found.st_mode & 0o777)))
    return entries


def _fill_etc(entries: Sequence[tuple[str, str | tuple[bytes, int]]]) -> None:
    etc = Path("/etc")
    for name, entry in entries:
        match entry:
            case str(target):
                os.symlink(target, etc / name)
            case (content, mode):
                _write(str(etc / name), content, mode)
    for name, text in HOSTNAME_FILES.items():
        _write(str(etc / name), text.encode(), 0o644)
    (etc / "cni").mkdir()


def _write(path: str, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)


def _fill_var() -> None:
    var = Path("/var")
    for name in SKELETON:
        (var / name).mkdir()
    (var / "tmp").mkdir()
    (var / "tmp").chmod(0o1777)
    (var / "run").symlink_to("/run")
    (var / "lock").symlink_to("/run/lock")


def _mount_proc() -> None:
    flags = Mount.NOSUID | Mount.NODEV | Mount.NOEXEC
    syscalls.mount("proc", "/proc", kind="proc", flags=flags)
    net = syscalls.clone_tree("/proc/sys/net")
    for path in GUARDED:
        if os.path.exists(path):
            syscalls.attach_tree(syscalls.clone_tree(path), path)
            syscalls.make_read_only(path)
    syscalls.attach_tree(net, "/proc/sys/net")


def _mount_sys() -> None:
    """Of this network namespace, for tools that read devices there.

    A machine that itself is a container may not allow it; then its own stays.
    """
    flags = Mount.NOSUID | Mount.NODEV | Mount.NOEXEC
    try:
        syscalls.mount("sysfs", "/sys", kind="sysfs", flags=flags)
    except PermissionError:
        return
    syscalls.make_read_only("/sys")
