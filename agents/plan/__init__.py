"""From a desired state and what is, to the operations between them. Pure.

    host                                   desired state in, all namespaces out
    vswitch, fabric, security, routes      the virtual switch's objects and tables
    edge                                   those of a switch without a guest
    node, kubenet, azure, pods             a node's, by its network model
    diff                                   desired and observed objects in, operations out
    ahead, rerouting, concerned            what can be done before that, for many hosts at once
    operations                             the vocabulary of operations

An empty list of operations means converged. Does not belong here: the order in
which observing, planning and applying happen (`agents.reconciler`), and how an
operation reaches the kernel (`agents.kernel`).
"""
