"""Load-balancing rules and probes as they are written, and as az prints them."""

import json

from lab.topology.load_balancer import (
    LoadBalancer,
    LoadBalancingRule,
    LoadDistribution,
    Probe,
    ProbeProtocol,
    TransportProtocol,
)
from tests.unit.lab.topology.labs import CLOUD, parsed

FRONT = """\
  publicIPAddresses: [{name: ip1}]
  loadBalancers:
"""
SHORT = """\
    - name: lb1
      frontendIPConfigurations: [{name: front, publicIPAddress: ip1}]
      backendAddressPools: [{name: pool1}]
      loadBalancingRules:
        - {name: web, frontendIPConfiguration: front, backendAddressPool: pool1, probe: alive,
           protocol: Tcp, frontendPort: 80, backendPort: 8080, loadDistribution: SourceIP,
           idleTimeoutInMinutes: 30}
      probes:
        - {name: alive, protocol: Http, port: 8080, requestPath: /healthz, intervalInSeconds: 5,
           probeThreshold: 3}
"""
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
_LB = f"{_ID}/loadBalancers/lb1"
AZ = {
    "name": "lb1",
    "id": _LB,
    "type": "Microsoft.Network/loadBalancers",
    "sku": {"name": "Standard"},
    "frontendIPConfigurations": [
        {
            "name": "front",
            "id": f"{_LB}/frontendIPConfigurations/front",
            "publicIPAddress": {"id": f"{_ID}/publicIPAddresses/ip1"},
            "loadBalancingRules": [{"id": f"{_LB}/loadBalancingRules/web"}],
        }
    ],
    "backendAddressPools": [{"name": "pool1", "id": f"{_LB}/backendAddressPools/pool1"}],
    "inboundNatRules": [],
    "loadBalancingRules": [
        {
            "name": "web",
            "id": f"{_LB}/loadBalancingRules/web",
            "etag": "W/1",
            "frontendIPConfiguration": {"id": f"{_LB}/frontendIPConfigurations/front"},
            "backendAddressPool": {"id": f"{_LB}/backendAddressPools/pool1"},
            "backendAddressPools": [{"id": f"{_LB}/backendAddressPools/pool1"}],
            "probe": {"id": f"{_LB}/probes/alive"},
            "protocol": "Tcp",
            "frontendPort": 80,
            "backendPort": 8080,
            "enableFloatingIP": False,
            "enableTcpReset": False,
            "disableOutboundSnat": True,
            "loadDistribution": "SourceIP",
            "idleTimeoutInMinutes": 30,
            "provisioningState": "Succeeded",
        }
    ],
    "probes": [
        {
            "name": "alive",
            "id": f"{_LB}/probes/alive",
            "protocol": "Http",
            "port": 8080,
            "requestPath": "/healthz",
            "intervalInSeconds": 5,
            "numberOfProbes": 1,
            "probeThreshold": 3,
            "loadBalancingRules": [{"id": f"{_LB}/loadBalancingRules/web"}],
        }
    ],
}


def balancer(text: str) -> LoadBalancer:
    (made,) = parsed(cloud=CLOUD + FRONT + text).cloud.load_balancers
    return made


def test_a_rule_and_a_probe() -> None:
    made = balancer(SHORT)

    assert made.load_balancing_rules == (
        LoadBalancingRule(
            name="web",
            frontend_ip_configuration="front",
            backend_address_pool="pool1",
            probe="alive",
            protocol=TransportProtocol.TCP,
            frontend_port=80,
            backend_port=8080,
            load_distribution=LoadDistribution.SOURCE_IP,
            idle_timeout_in_minutes=30,
        ),
    )
    assert made.probes == (
        Probe(
            name="alive",
            protocol=ProbeProtocol.HTTP,
            port=8080,
            request_path="/healthz",
            interval_in_seconds=5,
            threshold=3,
        ),
    )


def test_what_az_prints_is_the_same() -> None:
    assert balancer(f"    - {json.dumps(AZ)}\n") == balancer(SHORT)


def test_what_is_left_out_is_azures_default() -> None:
    made = balancer(SHORT.replace(", intervalInSeconds: 5,\n           probeThreshold: 3", ""))

    assert (made.probes[0].interval_in_seconds, made.probes[0].threshold) == (15, 2)
