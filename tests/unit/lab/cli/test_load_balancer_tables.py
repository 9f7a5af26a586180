"""Load balancers for people."""

from click import unstyle

from lab.cli.load_balancer_tables import load_balancer_tables


def row(load_balancer: str, host: str, status: str = "Up") -> dict[str, object]:
    return {
        "load_balancer": load_balancer,
        "rule": "http",
        "frontend": "198.51.100.70",
        "frontend_port": 80,
        "protocol": "Tcp",
        "host": host,
        "probe": "alive",
        "status": status,
    }


def test_each_load_balancer_has_a_table() -> None:
    rows = [row("one", "vm1"), row("two", "vm2", "Closed")]
    assert [unstyle(line) for line in load_balancer_tables(rows, width=None)] == [
        "load balancer one",
        "RULE  FRONTEND              HOST  PROBE  STATUS",
        "http  198.51.100.70:80/Tcp  vm1   alive  Up",
        "",
        "load balancer two",
        "RULE  FRONTEND              HOST  PROBE  STATUS",
        "http  198.51.100.70:80/Tcp  vm2   alive  Closed",
    ]


def test_names_of_nodes_give_way_on_80_columns() -> None:
    rows = [row("kubernetes", f"aks-nodepool1-52243381-vmss00000{n}") for n in range(2)]
    for each in rows:
        each["rule"] = each["probe"] = "a1b2c3d4e5f60718293a4b5c6d7e8f90-TCP-80"
    lines = load_balancer_tables(rows, width=80)
    assert max(len(unstyle(line)) for line in lines) <= 80


def test_without_any_there_is_nothing() -> None:
    assert list(load_balancer_tables([], width=None)) == ["(none)"]
