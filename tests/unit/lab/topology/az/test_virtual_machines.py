"""A machine and its interface, which az prints apart."""

from lab.topology.az import Normalised, normalise
from lab.topology.compose import compose
from lab.topology.document import Value, child
from lab.topology.sources import SourceFile

NETWORK = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network"


def interface(name: str, more: str = "") -> str:
    return (
        f"{{name: {name}, {more} ipConfigurations: [{{privateIPAddress: 10.0.0.9,"
        f" subnet: {{id: {NETWORK}/virtualNetworks/v/subnets/s}}}}]}}"
    )


def machine(*interfaces: str, more: str = "") -> str:
    ids = ", ".join(f"{{id: {NETWORK}/networkInterfaces/{name}}}" for name in interfaces)
    return f"{{name: vm1, {more} networkProfile: {{networkInterfaces: [{ids}]}}}}"


def joined(machines: str, *interfaces: str) -> Normalised:
    text = (
        f"cloud: {{networkInterfaces: [{', '.join(interfaces)}]}}\nvirtualMachines: [{machines}]\n"
    )
    (document,) = compose(SourceFile(path="lab.yaml", content=text.encode())).documents
    return normalise(document)


def first(short: Normalised) -> Value:
    return child(child(short.document.value, "virtualMachines"), 0)


def test_a_machine_says_what_its_interface_says() -> None:
    short = joined(machine("nic1"), interface("nic1", "enableIPForwarding: true,"))

    assert first(short) == {
        "name": "vm1",
        "enableIPForwarding": True,
        "subnet": "v/s",
        "privateIpAddress": "10.0.0.9",
    }
    assert child(short.document.value, "cloud") == {}
    assert (short.faults, short.warnings) == ((), ())


def test_what_the_machine_says_itself_stands() -> None:
    short = joined(machine("nic1", more="privateIpAddress: 10.0.0.7,"), interface("nic1"))

    assert child(first(short), "privateIpAddress") == "10.0.0.7"


def test_an_interface_that_nobody_has_is_told() -> None:
    short = joined(machine("nic1"), interface("nic1"), interface("nic2"))
    (warning,) = short.warnings

    assert "'nic2' belongs to no virtual machine" in warning.message
    kept = child(child(child(short.document.value, "cloud"), "networkInterfaces"), 0)
    assert child(kept, "name") == "nic2"


def test_two_interfaces_are_one_too_many() -> None:
    (fault,) = joined(machine("nic1", "nic2"), interface("nic1")).faults

    assert "2 network interfaces" in fault.problem.message
    assert fault.path == ("virtualMachines", 0, "networkProfile")


def test_an_unknown_interface_is_told_with_the_nearest_one() -> None:
    (fault,) = joined(machine("nic12"), interface("nic1")).faults

    assert "'nic12', which does not exist" in fault.problem.message
    assert fault.problem.remedy == "did you mean 'nic1'?"
