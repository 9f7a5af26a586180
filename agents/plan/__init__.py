"""From a desired state and what is, to the operations between them. Pure.

    vswitch, node, kubenet, pods, routes   desired state in, desired objects out
    diff                                   desired and observed objects in, operations out
    operations                             the vocabulary of operations

An empty list of operations means converged. Does not belong here: the order in
which observing, planning and applying happen (`agents.reconciler`), and how an
operation reaches the kernel (`agents.kernel`).
"""
