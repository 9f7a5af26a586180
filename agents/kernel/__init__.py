"""The only door to the kernel: netlink, setns, sysctls, processes.

    door                         what the reconciler may ask, as a Protocol
    linux, fake                  the kernel, and one in memory that behaves like it
    netlink                      messages and batches; one module per family above it:
    links, addresses, routes, nexthops, neighbours, rules, namespace_ids, nftables
    namespaces, sysctls, processes, rulesets, worker

Nothing outside this package starts a process or opens a netlink socket on a
host's behalf. Does not belong here: deciding what should be there.
"""
