"""The front door to the Kubernetes objects of a lab: from manifest files to frozen values.

The values are in `manifests`.
"""

from lab.kube.manifests import (
    ClusterManifests,
    Container,
    ContainerPort,
    Deployment,
    DnsPolicy,
    KubernetesObject,
    LabelSelector,
    Manifests,
    Namespace,
    ObjectMeta,
    Operator,
    Pod,
    PodDnsConfig,
    PodSpec,
    PodTemplate,
    Requirement,
    Transport,
)
from lab.topology.model import Lab
from lab.topology.sources import LabSources

__all__ = [
    "ClusterManifests",
    "Container",
    "ContainerPort",
    "Deployment",
    "DnsPolicy",
    "KubernetesObject",
    "LabelSelector",
    "Manifests",
    "Namespace",
    "ObjectMeta",
    "Operator",
    "Pod",
    "PodDnsConfig",
    "PodSpec",
    "PodTemplate",
    "Requirement",
    "Transport",
    "parse_manifests",
]


def parse_manifests(lab: Lab, sources: LabSources) -> Manifests:
    """Return the objects of every manifest that `lab` names.

    Raises `LabFileError` with every problem of every manifest.
    """
    raise NotImplementedError
