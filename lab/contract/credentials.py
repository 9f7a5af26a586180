"""Where the certificates of a lab's mutual TLS are, and the name they have to carry."""

from dataclasses import dataclass
from pathlib import Path

CLOUD_NAME = "cloud.vnetlab.internal"
"""Subject alternative name that agents expect of the cloud process.

Never an address: the cloud process is reached under several. An agent's own
certificate carries the name of its node as common name instead.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Paths of PEM files for mutual TLS."""

    certificate: Path
    key: Path
    authority: Path
