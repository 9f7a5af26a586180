"""The host's side of vnetlab: makes the kernel match a desired state.

One agent owns one host: the node's operating system, the virtual switch beside
it, and the pods in it. It hears the whole desired state over gRPC and runs one
loop: observe, plan, apply, verify, report.

    objects    links, addresses, routes … as frozen values                 pure
    plan       desired and observed in, operations out                     pure
    render     values in, text out: nft, iptables, ebtables, hosts files   pure
    kernel     the only door to netlink, setns, sysctls and processes      I/O
    workloads  what runs inside pods                                       I/O
    probes     what asks questions from inside                             I/O

Of `lab` an agent may know `lab.contract` only.
"""
