"""The native runtime: a capsule of namespaces that needs neither root nor Docker.

    syscalls      the few system calls that Python lacks
    identity      the map of user and group ids
    id_calls      answers to calls that change them, where there is one only
    filesystem    what the capsule's processes see of the machine's files
    launch        starting a capsule from outside, up to the word that it is ready
    birth         the same from inside: from a plain process to the capsule's first one
    init          the first process: starts, restarts, reaps, listens
    children      its forked processes: kept running, told apart, ended
    tasks         which processes these are
    reception     who asks it something
    requests      what it can be asked, as values and as lines
    hosts         namespaces and underlay link of a host, made and removed
    capsule       finding a capsule, asking it, ending it
    entering      running a command inside
    entrance      the program that does so
    trial         a capsule for one function call
    features      what labs need of the kernel, each with a way to try it
    capabilities  what a machine can do for this runtime, and the remedy where it can't
    provider      `lab.runtime.provider.Runtime` on top of these

A capsule is one user, mount, network, pid, uts and ipc namespace with no way out.
Its network namespace is the spine of the underlay; every host hangs on it by a
veth pair. Everything of a lab lives inside and nothing outside holds it, so when
its first process ends, the kernel removes all of it. What happens inside a host
belongs to `agents`.
"""
