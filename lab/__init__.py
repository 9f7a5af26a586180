"""The cloud's side of vnetlab: from a lab file to the desired state of every host.

The packages are the stages of one pipeline, in this order::

    topology   the lab file: parse, default, validate                     pure
    cloud      how a virtual network behaves                              pure
    kube       how Kubernetes places pods and hands out addresses         pure
    compile    the whole desired state of every host                      pure
    control    the cloud process: keeps state, delivers it over gRPC      I/O
    runtime    where hosts live: a namespace capsule, or containers       I/O
    checks     the lab file's tests, answered by packets                  I/O
    cli        the command line                                           I/O

`contract` is what both sides of the wire share. Nothing here touches a network
interface: that is what `agents` does.
"""
