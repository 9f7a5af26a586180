"""How far pools of addresses are used."""

from ipaddress import IPv4Network

from lab.compile.address_pools import PoolRow
from tests.unit.lab.compile.labs import compiled, deployment, documented
from tests.unit.lab.compile.pod_networks import overlay_lab, pod_subnet_lab


def test_a_pod_subnet_shows_what_pods_use_and_what_nodes_keep() -> None:
    pools = {each.pool: each for each in compiled(pod_subnet_lab(), deployment(replicas=6)).pools()}
    assert pools["whkubenet/podvlan"] == PoolRow(
        pool="whkubenet/podvlan",
        prefix=IPv4Network("10.1.0.0/22"),
        used=6,
        reserved=5 + 2 + 2 * 16 - 6,
        free=1024 - 5 - 2 - 2 * 16,
    )
    assert (pools["whkubenet/nodevlan"].used, pools["whkubenet/nodevlan"].reserved) == (2, 5)


def test_of_a_pod_cidr_what_nodes_got_is_reserved() -> None:
    for made in (overlay_lab(), documented()):
        pool = next(each for each in compiled(made, deployment()).pools() if each.pool == "aks01")
        assert pool.free == 65536 - 2 * 256
        assert pool.used + pool.reserved == 2 * 256
        assert pool.used >= 3


def test_there_is_no_end_of_the_internet() -> None:
    found = compiled(documented())
    internet = found.pools()[-1]
    assert (internet.pool, internet.free) == ("internet", None)
    assert internet.used == len(found.nodes)
