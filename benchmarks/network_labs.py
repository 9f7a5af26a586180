"""Generated labs whose virtual network is what is measured: rules, routes, and changes of them."""

from dataclasses import replace

from benchmarks.labs import KUBENET, SUBNETS, GeneratedLab, generated

PROBED = "10.99.0.1"
"""Where the nodes of `changeable` send probes to: what a route table knows, or nobody."""

PROBED_PORT = 7777


def changeable(
    *, nodes: int, rules: int, denied: bool = False, dropped: bool = False
) -> GeneratedLab:
    """A kubenet cluster whose nodes' subnet has a security group and a route of a user.

    `denied`: its first rule denies the probes. `dropped`: the route's next hop is None.
    """
    next_hop = "None" if dropped else "VirtualAppliance, nextHopIpAddress: 10.0.16.4"
    others = "".join(
        f"""
        - name: rule-{number}
          priority: {200 + number}
          direction: Outbound
          access: Allow
          protocol: Udp
          sourceAddressPrefixes: [10.{number % 250}.32.0/24, 11.{number % 250}.0.0/24]
          destinationPortRange: "{20000 + number}\""""
        for number in range(rules)
    )
    base = generated(f"change-{nodes}", KUBENET, nodes=nodes, pods=2 * nodes)
    text = base.lab_file.replace(
        SUBNETS,
        f"""\
        - name: nodes
          addressPrefix: 10.0.0.0/20
          networkSecurityGroup: nodes
          routeTable: nodes
        - {{name: others, addressPrefix: 10.0.16.0/24}}
  routeTables:
    - name: nodes
      routes: [{{name: probed, addressPrefix: 10.99.0.0/24, nextHopType: {next_hop}}}]
  networkSecurityGroups:
    - name: nodes
      securityRules:
        - name: probed
          priority: 100
          direction: Outbound
          access: {"Deny" if denied else "Allow"}
          protocol: Udp
          destinationPortRange: "{PROBED_PORT}"{others}
""",
    )
    sink = """\
virtualMachines:
  - name: sink
    subnet: vnet01/others
    privateIpAddress: 10.0.16.4
    enableIPForwarding: true
"""
    return replace(base, lab_file=text + sink)


def filtered(*, rules: tuple[int, ...]) -> GeneratedLab:
    """A client, and for each of `rules` a server behind so many rules, half of them at each gate.

    The last rule is the one that lets the client in.
    """
    groups = "".join(
        f"""
    - name: {place}-{count}
      securityRules:{_rules(count // 2)}"""
        for count in rules
        for place in ("subnet", "nic")
        if count
    )
    subnets = "".join(
        f"""
        - name: servers-{count}
          addressPrefix: 10.0.{number}.0/24{
            f'''
          networkSecurityGroup: subnet-{count}'''
            if count
            else ""
        }"""
        for number, count in enumerate(rules, start=1)
    )
    servers = "".join(
        f"""
  - name: server-{count}
    subnet: vnet01/servers-{count}{
            f'''
    networkSecurityGroup: nic-{count}'''
            if count
            else ""
        }"""
        for count in rules
    )
    return GeneratedLab(
        name="filtered",
        nodes=len(rules) + 1,
        pods=0,
        manifest="",
        lab_file=f"""\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {{name: filtered}}
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {{name: clients, addressPrefix: 10.0.0.0/24}}{subnets}
  networkSecurityGroups:{groups}
virtualMachines:
  - {{name: client, subnet: vnet01/clients}}{servers}
""",
    )


def _rules(count: int) -> str:
    """Rules that a packet of the client meets in vain, and one that lets it in."""
    met = "".join(
        f"""
        - name: rule-{number}
          priority: {100 + number}
          direction: Inbound
          access: Deny
          protocol: Tcp
          sourceAddressPrefixes: [11.{number // 250}.{number % 250}.0/26, 12.0.{number % 250}.0/24]
          destinationPortRange: "{1000 + number}-{1100 + number}\""""
        for number in range(count - 1)
    )
    return f"""{met}
        - name: iperf
          priority: 4000
          direction: Inbound
          access: Allow
          protocol: Tcp
          destinationPortRange: "5201\""""


def routed(*, machines: int, routes: int) -> GeneratedLab:
    """Virtual machines in one subnet with so many routes of a user."""
    table = "".join(
        f"""
        - name: route-{number}
          addressPrefix: 172.{16 + number // 256}.{number % 256}.0/24
          nextHopType: VirtualAppliance
          nextHopIpAddress: 10.0.0.{4 + number % min(machines, 200)}"""
        for number in range(routes)
    )
    tables = (
        f"""
  routeTables:
    - name: table
      routes:{table}"""
        if routes
        else ""
    )
    own = ", routeTable: table" if routes else ""
    hosts = "".join(
        f"""
  - name: vm{number}
    subnet: vnet01/machines
    privateIpAddress: 10.0.0.{4 + number}
    enableIPForwarding: true"""
        for number in range(machines)
    )
    return GeneratedLab(
        name=f"routed-{machines}",
        nodes=machines,
        pods=0,
        manifest="",
        lab_file=f"""\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {{name: routed-{machines}}}
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets: [{{name: machines, addressPrefix: 10.0.0.0/24{own}}}]{tables}
virtualMachines:{hosts}
""",
    )
