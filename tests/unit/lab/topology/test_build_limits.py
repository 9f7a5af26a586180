"""Limits that a lab sets itself."""

from dataclasses import fields

from lab.topology.limits import DEFAULT_LIMITS, Limits
from lab.topology.schema import published
from tests.unit.lab.topology.labs import messages, parsed


def test_what_is_left_out_has_its_default() -> None:
    assert parsed("limits: {routesPerRouteTable: 600}").limits == Limits(routes_per_route_table=600)
    assert parsed().limits == DEFAULT_LIMITS


def test_every_limit_can_be_set_and_has_the_default_that_the_schema_tells() -> None:
    properties = published()["properties"]["limits"]["properties"]
    names = {"".join(each.name.split("_")): each.name for each in fields(Limits)}
    for name, about in properties.items():
        field = names[name.lower()]
        assert getattr(DEFAULT_LIMITS, field) == about["default"]
        assert getattr(parsed(f"limits: {{{name}: 7}}").limits, field) == 7


def test_a_raised_limit_lets_through_what_the_default_refuses() -> None:
    routes = ", ".join(
        f"{{name: r{n}, addressPrefix: 10.{n // 256}.{n % 256}.0/24, nextHopType: None}}"
        for n in range(401)
    )
    cloud = f"""
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [192.168.0.0/16]
      subnets: [{{name: a, addressPrefix: 192.168.0.0/24}}]
  routeTables: [{{name: rt, routes: [{routes}]}}]
"""

    assert "401 routes" in messages(cloud=cloud)[0]
    assert messages("limits: {routesPerRouteTable: 600}", cloud=cloud) == []
