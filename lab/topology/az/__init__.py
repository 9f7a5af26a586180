"""Documents as ``az … -o json`` prints them, brought into the short form of a lab file.

    resource_id       what an ARM resource id names
    vocabulary        what the schema says of az's own properties
    short_form        whether there is anything to rewrite
    rewriting         names, references, nesting, properties without effect, by the schema
    virtual_machines  a machine and its network interface, which az prints apart

Both forms are valid and both mean the same model: everything behind this package
meets the short form only. Values keep the lines where they were written. What a
lab file may say at all is the schema's affair, not that of this package.
"""

from dataclasses import dataclass

from lab.topology.az import virtual_machines
from lab.topology.az.rewriting import Rewriting
from lab.topology.az.short_form import is_short
from lab.topology.document import Document
from lab.topology.problems import Problem
from lab.topology.schema import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """A document in the short form, and what az's form had that a lab has not."""

    document: Document
    faults: tuple[Fault, ...] = ()
    """At places of the short form."""
    warnings: tuple[Problem, ...] = ()


def normalise(document: Document) -> Normalised:
    """Bring what az printed into the short form; leaves everything else as it is."""
    if is_short(document.value):
        return Normalised(document=document)
    rewriting = Rewriting(document)
    short = rewriting.run()
    root = rewriting.draft(short)
    if root is not None:
        virtual_machines.join(root, rewriting)
    return Normalised(
        document=rewriting.finished(short),
        faults=tuple(rewriting.faults),
        warnings=tuple(rewriting.warnings),
    )
