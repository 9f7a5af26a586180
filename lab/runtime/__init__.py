"""Where a lab runs: machines for its hosts, made, entered and removed.

    provider          what every runtime can do, and what may go wrong
    state_directory   the lab's own directory on the machine, and its locks
    native            namespaces in a capsule; needs neither root nor Docker
    docker            one container per host

A runtime provides empty hosts with an underlay between them, starts the cloud
process and the agents, and gets commands into places. It knows nothing of
routes, subnets or pods: what a host has to *be* travels from the cloud process
to the agents and never through here.
"""
