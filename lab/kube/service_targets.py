"""Services as what a test asks: `service/NAME` or `service/NAMESPACE/NAME`.

A Service is an address and no place, so it is nothing that one can be in, or capture
packets at.
"""

from collections.abc import Iterable

from lab.kube.manifests import DEFAULT_NAMESPACE
from lab.kube.services import ServiceKey

PREFIX = "service/"


def names_service(target: str) -> bool:
    """Whether a target is written as that of a Service."""
    return target.startswith(PREFIX)


def matching(target: str, known: Iterable[ServiceKey]) -> list[ServiceKey]:
    """Those of `known` that a target may mean; ``default`` comes before other namespaces."""
    namespace, slash, name = target.removeprefix(PREFIX).rpartition("/")
    found = [key for key in known if key[1] == name]
    if slash:
        return [key for key in found if key[0] == namespace]
    return [key for key in found if key[0] == DEFAULT_NAMESPACE] or found
