"""The models side by side: the tables of `tests.matrices`, and what each asks of a network."""

from collections.abc import Iterator, Sequence

from tests.matrices.tables import TABLES, as_text
from tests.pages.writing import FOLDER, Page, paragraph

OVERVIEW = FOLDER / "README.md"

BEGINNING = """\
<!-- Written by `make models` from tests/matrices and tests/pages. -->
# Network models

One lab – two nodes, three pods, a virtual machine – and one property of the
cluster that changes. Each page has a picture, what the node really has, and the
life of three packets, captured from a run.
"""

SAID = (
    ("addresses", "Where a pod's address comes from"),
    ("routes", "What leads to pods, and what needs a user-defined route"),
    ("limits", "Limits"),
)

NOTES = {
    "ttl": "64 less one for each Linux kernel that forwarded the reply; the fabric takes "
    "none. `?`: there is no answer.",
    "sources": "`pod`, `node`: that address; `public`: the node's public one; `own`: the "
    "machine's; `-`: nobody gets there. Of a service endpoint: whose subnet the service is "
    "told.",
    "connectivity": "`yes`, `both`: each side may; `pod`: only the pod, which is seen as its node.",
    "lab file": "`routes`: yes, and the cluster adds a route for each node to the route table "
    "that the subnet has.",
}

READING = """
## How to read a packet's life

Each line of a page is a packet as one device had it: place, device, direction,
TTL and addresses there. Between where it comes in and where it goes out stands
what decided, in the words of whoever did:

| | |
|---|---|
| `route`, `arp` | the kernel's route that fits, the neighbour it leads to |
| `bridge`, `frame` | what the bridge has learnt, the ebtables rule it met |
| `nat` | the iptables rule it met, whose counter moved by `[+1]` |
| `fabric` | the effective route |
| `nsg` | the rule of a security group that counted it |
| `local` | who is addressed is here |

* `node 0` and `node 1` are the cluster's nodes, `vm` is a virtual machine in
  another subnet of the virtual network.
* `switch 0`, `switch 1` and `switch vm` are what the cloud has in front of a
  network interface (`vnetlab exec host/NAME`). Nobody on a node can see them,
  and they take nothing off the TTL. A switch has the machine at `nic`, as
  169.254.255.2, and the fabric at `vx0`, where the three switches are
  198.18.0.10, .11 and .12.
* The subnets have a security group without rules of its own, so what counts are
  the default rules. Replies belong to a flow that is known and meet no rule.
* Names such as `veth-one` and `MAC-of-one` stand for what differs between
  clusters; `12:34:56:78:9a:bc` is the fabric's MAC address.
* A ping has gone the same way before, so everybody has learnt who is where.

"""

END = """\
## Where this comes from

`tests/matrices/models.toml` says what is held true. A test proves every cell of
the tables with a packet and writes each page anew to compare it with the file,
so that none can say what is no longer so (`tests/e2e/test_matrices.py`).
`make models` writes them all.
"""


def overview(pages: Sequence[Page]) -> str:
    """The text of the folder's README."""
    parts = [BEGINNING, "\n".join(_list(pages))]
    for name, table in TABLES.items():
        title = table.title[0].upper() + table.title[1:]
        text = as_text(name, [page.model for page in pages])
        parts.append(f"\n## {title}\n\n```\n{text}```\n\n{paragraph(NOTES[name])}\n")
    for column, title in SAID:
        lines = (
            paragraph(f"* **{page.model.name}**: {page.words[column]}", indent="  ")
            for page in pages
        )
        parts.append(f"\n## {title}\n\n{chr(10).join(lines)}\n")
    return "".join(parts) + READING + END


def _list(pages: Sequence[Page]) -> Iterator[str]:
    yield ""
    yield from (f"* **{page.model.name}**: [{page.title}]({page.file.name})" for page in pages)
    yield ""
