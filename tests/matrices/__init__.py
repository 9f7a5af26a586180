"""What each network model does with the same packets, as tables that packets prove.

``models.toml`` has one entry per model: what its cluster has in a lab file, and
what has to be seen. The lab is the same for all (``base.lab.yaml``): two nodes, three
pods, a machine in the virtual network, one in a peered network. Each model is
deployed once, and every cell of every table is a test of its lab file
(``tests/e2e/test_matrices.py``). Whoever builds a model adds an entry; ``python -m
tests.matrices TABLE`` prints what the tests hold true.

ttl            the TTL that ping prints (M3, semantics 2.1)
sources        whose address the receiver sees (semantics 8)
connectivity   who may begin (M1); its row on load balancers, application gateways and
               ingress awaits Services
lab file       rows of M1 that are about what is accepted, before any packet
"""
