"""A virtual machine and its network interface, which az prints as two resources.

The short form has one: what the interface says of subnet, address and rules becomes
the machine's own.
"""

from collections.abc import Iterator

from lab.topology.az.rewriting import Draft, Rewriting
from lab.topology.document import Path, Value, child
from lab.topology.problems import Problem
from lab.topology.words import nearest

_OF_INTERFACE = ("enableIPForwarding", "networkSecurityGroup")
_OF_CONFIGURATION = (
    "subnet",
    "privateIpAddress",
    "publicIPAddress",
    "applicationSecurityGroups",
    "loadBalancerBackendAddressPools",
)


def join(root: Draft, rewriting: Rewriting) -> None:
    """Give every machine what its interface says, and take the interface out."""
    cloud = rewriting.draft(root.value.get("cloud"))
    found = cloud.value.get("networkInterfaces") if cloud else None
    interfaces = dict(_named(found, rewriting))
    machines = root.value.get("virtualMachines")
    joined: set[str] = set()
    for index, value in enumerate(machines if isinstance(machines, list) else ()):
        machine = rewriting.draft(value)
        if machine is None or "networkProfile" not in machine.value:
            continue
        name = _interface_of(machine, ("virtualMachines", index), interfaces, rewriting)
        if name is not None:
            _merge(machine, interfaces[name], rewriting)
            joined.add(name)
    if cloud is not None and isinstance(found, list):
        _keep(cloud, found, interfaces.keys() - joined, rewriting)


def _named(value: Value, rewriting: Rewriting) -> Iterator[tuple[str, Draft]]:
    for each in value if isinstance(value, list) else ():
        draft = rewriting.draft(each)
        name = child(each, "name")
        if draft is not None and isinstance(name, str):
            yield name, draft


def _interface_of(
    machine: Draft, path: Path, interfaces: dict[str, Draft], rewriting: Rewriting
) -> str | None:
    """Name of the one interface that `machine` refers to; None with a fault, or for the schema."""
    names = child(machine.value["networkProfile"], "networkInterfaces")
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        return None
    line = machine.lines["networkProfile"]
    who = f"virtual machine '{child(machine.value, 'name')}'"
    place = (*path, "networkProfile")
    if len(names) != 1:
        rewriting.fault(
            place,
            Problem(
                rewriting.location(line),
                f"{who} has {len(names)} network interfaces; machines of a lab have one",
                "keep the primary one",
            ),
        )
        return None
    name = str(names[0])
    if name not in interfaces:
        guess = nearest(name, interfaces)
        rewriting.fault(
            place,
            Problem(
                rewriting.location(line),
                f"{who} refers to network interface '{name}', which does not exist",
                f"did you mean '{guess}'?"
                if guess
                else "add what az network nic show prints to cloud.networkInterfaces, or write "
                "the machine's subnet instead of networkProfile",
            ),
        )
        return None
    return name


def _merge(machine: Draft, interface: Draft, rewriting: Rewriting) -> None:
    """What the machine says itself stands."""
    machine.take("networkProfile")
    configurations = interface.value.get("ipConfigurations")
    several = isinstance(configurations, list) and len(configurations) != 1
    first = None if several else child(configurations, 0)
    sources: list[tuple[Draft, tuple[str, ...]]] = [(interface, _OF_INTERFACE)]
    if (configuration := rewriting.draft(first)) is not None:
        sources.append((configuration, _OF_CONFIGURATION))
    for source, keys in sources:
        for key in keys:
            if key in source.value and key not in machine.value:
                machine.put(key, source.value[key], source.lines[key])


def _keep(cloud: Draft, found: list[Value], names: set[str], rewriting: Rewriting) -> None:
    """Leave the interfaces called `names`, and those without a name, for the schema to check."""
    lines = rewriting.lines_of(found)
    rest = [
        (each, lines[index])
        for index, each in enumerate(found)
        if not isinstance(child(each, "name"), str) or child(each, "name") in names
    ]
    for each, line in rest:
        rewriting.warnings.append(
            Problem(
                rewriting.location(line),
                f"network interface '{child(each, 'name')}' belongs to no virtual machine of the "
                "lab, so it is not there",
                "add the machine with a networkProfile that refers to it, or take it out",
            )
        )
    if not rest:
        cloud.take("networkInterfaces")
        return
    kept = [each for each, _ in rest]
    rewriting.lines_of(kept).update({index: line for index, (_, line) in enumerate(rest)})
    cloud.put("networkInterfaces", kept, cloud.lines["networkInterfaces"])
