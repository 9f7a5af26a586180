"""What keeps a cluster from making its load balancer for Services."""

from collections.abc import Iterator

from lab.kube.manifests import ClusterManifests, ServiceType
from lab.topology import names
from lab.topology.cluster import Cluster
from lab.topology.model import Lab
from lab.topology.problems import Problem


def check_load_balancer(
    manifests: ClusterManifests, cluster: Cluster, lab: Lab
) -> Iterator[Problem]:
    """A problem if Services of `cluster` need a load balancer whose name is somebody else's."""
    own = names.load_balancer(cluster)
    if own in names.managed_edges(cluster) or own not in names.hosts(lab):
        return
    for service in manifests.services:
        if service.type is ServiceType.LOAD_BALANCER:
            yield Problem(
                service.at("type"),
                f"Service '{service.metadata.name}' of type LoadBalancer needs the load balancer "
                f"'{own}' of cluster '{cluster.name}', and the lab has another host of that name",
                "rename that host",
            )
            return
