"""The only door to the kernel: netlink, setns, sysctls, processes.

    door                  what the reconciler may ask, as a Protocol
    linux                 the kernel of this machine: observing, applying
    worker                the one thread of a process on which all of this happens
    fake, fake_namespace  a kernel in memory that behaves like it
    netlink, attributes   messages, batches and dumps; above them one module per family:
                          links, addresses, routes, nexthops, neighbours, rules,
                          namespace_ids, nftables
    namespaces            network namespaces, made, pinned and entered
    open_namespaces       those that stay open between rounds
    sysctls, processes    /proc/sys of a namespace; the distribution's tools
    rulesets              packet filter rules, loaded once and watched from then on

Nothing else of an agent changes a host's network; what `agents.probes` and
`agents.workloads` start, runs inside a place and asks or answers there. Does not
belong here: deciding what should be there.
"""
