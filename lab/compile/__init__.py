"""From the model to the whole desired state of every host; pure, same input, same bytes.

`compilation` is the front door, `placement` what does not follow from routes and
security rules. Behind them, one noun one module: `hosts` (who is there, with which
addresses), `clusters` (which nodes registered), `pods` (what runs where), `services`,
`service_load_balancers` (what a cluster makes in the cloud for them), `routes` (where an
effective route leads), `load_balancing` (who gets flows), `files`, `nodes` (all of it put
together for one host). `ledger` is what one compilation tells the next, `inspection` what
is shown, `targets` what a name means.

How a cloud or Kubernetes behaves is decided in `lab.cloud` and `lab.kube`; what a
kernel has to do for it, by the agents.
"""

from lab.compile.compilation import Compilation, compile_lab
from lab.compile.ledger import Ledger

__all__ = ["Compilation", "Ledger", "compile_lab"]
