"""Peerings that cannot be (semantics 2.5); the messages are below ``tests/rejected``."""

from tests.unit.lab.topology.labs import messages


def cloud(*networks: str) -> str:
    return "cloud:\n  virtualNetworks:\n" + "".join(f"    - {each}\n" for each in networks)


def network(name: str, number: int, *remotes: str) -> str:
    halves = ", ".join(f"{{name: to-{each}, remoteVirtualNetwork: {each}}}" for each in remotes)
    return (
        f"{{name: {name}, addressPrefixes: [10.{number}.0.0/16], "
        f"subnets: [{{name: a, addressPrefix: 10.{number}.0.0/24}}], "
        f"virtualNetworkPeerings: [{halves}]}}"
    )


def test_a_hub_may_have_many_spokes() -> None:
    spokes = [f"spoke{number}" for number in range(1, 9)]
    found = cloud(
        network("hub", 0, *spokes),
        *(network(name, number, "hub") for number, name in enumerate(spokes, start=1)),
    )

    assert messages(cloud=found) == []


def test_networks_that_are_not_peered_may_overlap() -> None:
    assert messages(cloud=cloud(network("one", 0), network("other", 0))) == []


def test_spokes_of_different_hubs_may_overlap() -> None:
    found = cloud(
        network("hub1", 0, "spoke1"),
        network("hub2", 2, "spoke2"),
        network("spoke1", 1, "hub1"),
        network("spoke2", 1, "hub2"),
    )

    assert messages(cloud=found) == []


def test_a_remote_is_not_missed_while_a_network_is_broken() -> None:
    found = messages(cloud=cloud(network("hub", 0, "spoke"), "{name: spoke}"))

    assert all("does not exist" not in each for each in found)


def test_501_peerings_are_too_many() -> None:
    names = [f"s{number}" for number in range(501)]
    found = messages(cloud=cloud(network("hub", 0, *names)))

    assert any("501 peerings; 500 is the limit" in each for each in found)
