"""How a virtual network behaves: addresses, system routes, route tables, effective routes.

Pure: takes the lab's model and what was handed out before, gives back values.
Nothing here knows which host a packet ends up on, or that hosts exist at all:
that is `lab.compile`. Nothing here knows Kubernetes, except that a cluster may
ask for routes (`cluster_routes`).
"""
