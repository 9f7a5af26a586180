"""What runs inside pods and machines, in a process beside the host's agent.

    desired    what has to run where, and what became of it; and both on the wire   pure
    catalogue  which built-in workload an image name stands for                     pure
    storage    a storage account: the same, with rules about who gets in               pure
    exchange   what the built-in workload answers: HTTP in, HTTP out                pure
    protocols  the built-in workload on asyncio: HTTP or echo over TCP, UDP         I/O
    sockets    opening sockets inside other network namespaces                      I/O
    commands   processes of containers that bring a command of their own            I/O
    host       makes what runs match what is desired                                I/O
    platform   what the hypervisor answers its guest, desired and on the wire       pure
    resolver, dns_message, metadata, wireserver: the answers of its services        pure
    platform_protocols, platform_host: these services on asyncio, in the switch     I/O
    cluster_dns  CoreDNS, where it runs                                             I/O
    health_prober  load balancers' probes of the guest, asked from the switch       I/O
    health_checks  kube-proxy's health check node ports: what they answer           pure
    health_check_host  the same, listening in the node                              I/O
    main       the process                                                          I/O
    client     the agent's end of the line to it                                    I/O

One process serves all pods of a host: it opens a socket inside a pod's network
namespace and keeps it, so that a pod costs a socket and not a process. It is not
the agent, so that an agent may end and start again without anybody's connection
noticing. Nothing here makes or changes a network namespace.
"""
