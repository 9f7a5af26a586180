"""The host's side of vnetlab: makes the kernel match a desired state.

One agent owns one host: the node's operating system, the virtual switch beside
it, and the pods in it. It hears the whole desired state over gRPC and runs one
loop: observe, plan, apply, verify, report.

    main       the process; `crew`, the hosts it looks after; `agent`, the loop of one
    line       the stream to the cloud process; `cloud_session`, a host's part of it
    reconciler a round, and what it waits for; `kept_host`, what it does to the host
    objects    links, addresses, routes … as frozen values                 pure
    plan       desired and observed in, operations out                     pure
    render     values in, text out: nft, iptables, ebtables, hosts files   pure
    kernel     the only door to netlink, setns, sysctls and processes      I/O
    workloads  what runs inside pods                                       I/O
    probes     what asks questions from inside                             I/O

Of `lab` an agent may know `lab.contract` only.
"""
