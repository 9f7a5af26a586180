"""What a breach of the schema is called, and what to do about it."""

import pytest

from lab.topology.compose import compose
from lab.topology.schema import check
from tests.unit.lab.topology.labs import CLOUD, sources


def told(body: str, *, cloud: str = CLOUD) -> tuple[str, str]:
    (fault,) = check(compose(sources(body, cloud=cloud).lab).documents[0])
    return fault.problem.message, fault.problem.remedy


def machine(properties: str) -> str:
    return f"virtualMachines: [{{name: vm1, subnet: a/b, {properties}}}]"


def pool(properties: str) -> str:
    return f"clusters: [{{name: a, nodePools: [{{name: p, subnet: a/b, {properties}}}]}}]"


def expecting(expectation: str) -> str:
    return f"tests: [{{name: t, from: a, to: b, expect: {{{expectation}}}}}]"


@pytest.mark.parametrize(
    ("body", "remedy"),
    [
        (machine("enableIPForwarding: yes"), "write true or false"),
        (machine("enableIPForwarding: 1"), "write true or false"),
        (machine('enableIPForwarding: "False"'), "write it without quotes: false"),
        (machine("privateIpAddress: 10"), "write an address such as 10.0.0.4"),
        (machine("privateIpAddress: 1.10"), "write an address such as 10.0.0.4"),
        (machine("privateIpAddress: [10]"), "write an address such as 10.0.0.4"),
        (machine("privateIpAddress: {}"), "write an address such as 10.0.0.4"),
        (machine("privateIpAddress: null"), "give it a value, or take the key out"),
        (machine("sysctls: a"), "write its keys below it, indented"),
        (machine("privateIpAddress: [10.0.0.9]"), "write it without brackets: 10.0.0.9"),
        (machine("networkSecurityGroup: {name: web}"), "write the name alone: web"),
        (pool('count: "007"'), "write it without quotes or leading zeros: 7"),
        (pool("count: many"), "write a whole number"),
        (pool("count: 1, registrationOrder: 0"), "write it as a list: [0]"),
        ("virtualMachines: {vm1: {}}", "begin each entry with a hyphen"),
    ],
)
def test_a_wrong_type_comes_with_what_to_write(body: str, remedy: str) -> None:
    assert told(body)[1] == remedy


@pytest.mark.parametrize(
    ("name", "remedy"), [("10", 'put it in quotes: "10"'), ("1.10", "put it in quotes")]
)
def test_a_number_needs_quotes_alone_where_its_text_would_do(name: str, remedy: str) -> None:
    cloud = f"{CLOUD}  privateDnsZones: [{{name: corp.example, recordSets: [{{name: {name}}}]}}]\n"

    assert told("", cloud=cloud)[1] == remedy


@pytest.mark.parametrize(
    ("body", "remedy"),
    [
        (machine("privateIPaddress: 10.0.0.4"), "did you mean 'privateIpAddress'?"),
        (machine("names: x"), "take it out; 'name' is there already"),
        (
            machine("zzz: 1"),
            "take it out; known here: name, subnet, privateIpAddress, enableIPForwarding, sysctls, "
            "networkSecurityGroup, applicationSecurityGroups, loadBalancerBackendAddressPools, "
            "publicIPAddress",
        ),
    ],
)
def test_an_unknown_key_comes_with_the_nearest_known_one(body: str, remedy: str) -> None:
    assert told(body)[1] == remedy


def test_a_missing_key_comes_with_an_example() -> None:
    assert told("virtualMachines: [{name: vm1}]") == (
        "virtualMachines[vm1] has no subnet",
        "add subnet, for example vnet01/vlan01",
    )


def test_a_value_that_exists_elsewhere_is_refused_with_the_reason() -> None:
    body = pool("count: 1").replace("name: a,", "name: a, networkPlugin: cilium,")

    assert told(body) == (
        "clusters[a].networkPlugin can't be cilium here",
        "this version of vnetlab builds kubenet and azure only",
    )


@pytest.mark.parametrize(
    ("expectation", "remedy"),
    [
        ("ping: {ttl: 256}", "write a number from 1 to 255"),
        ("tcp: {port: 80, result: conected}", "did you mean connected?"),
        ("packets: [{on: a, seen: -1}]", "write a number of at least 0"),
        ("packets: []", "add at least one entry"),
        ("packets: [{on: a, interface: 0123456789abcdef}]", "shorten it"),
        ("packets: [{on: a, filter: ''}]", "write something"),
        ("http: {path: index}", "write a path that begins with /"),
        ("http: {status: 42}", "write a number from 100 to 599"),
        ("sourceSeen: me", "write one of these words, or an address such as 10.0.0.4"),
        (
            "",
            "add at least one of reachable, ping, tcp, udp, http, dns, sourceSeen, packets",
        ),
    ],
)
def test_every_bound_comes_with_what_would_do(expectation: str, remedy: str) -> None:
    assert told(expecting(expectation))[1] == remedy
