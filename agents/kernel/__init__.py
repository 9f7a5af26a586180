"""The only door to the kernel: netlink, setns, sysctls, processes.

    door                  what the reconciler may ask, as a Protocol
    linux                 the kernel of this machine: observing, applying, on one thread (worker)
    fake, fake_namespace  a kernel in memory that behaves like it
    netlink, attributes   messages, batches and dumps; above them one module per family:
                          links, addresses, routes, nexthops, neighbours, rules,
                          namespace_ids, nftables
    namespaces            network namespaces, made, pinned and entered
    sysctls, processes    /proc/sys of a namespace; the distribution's tools
    rulesets              packet filter rules, loaded once and watched from then on

Nothing outside this package starts a process or opens a netlink socket on a
host's behalf. Does not belong here: deciding what should be there.
"""
