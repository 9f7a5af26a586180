"""What of a namespace is known to be as desired, and needs no comparing.

Once nothing was left to do in a namespace, a section of it (its routes, its rulesets)
stays as desired as long as the same is wanted of it and the same was seen. What changes
is mostly one section of one namespace; what is left out here is what a round is quick by.
"""

from collections.abc import Set
from dataclasses import fields

from agents.objects.namespace import Desired, NamespaceObjects, Observed

_OF_OBJECTS = tuple(field.name for field in fields(NamespaceObjects))

SECTIONS = frozenset([*_OF_OBJECTS, "rulesets"])
"""All there are."""

_NONE: frozenset[str] = frozenset()


def settled_sections(
    wanted: Desired, seen: Observed, *, was_wanted: Desired, was_seen: Observed
) -> Set[str]:
    """Sections of a namespace where nothing can be left to do.

    `was_wanted` and `was_seen`: when there was nothing left to do in it.
    """
    if wanted is was_wanted and seen is was_seen:
        return SECTIONS
    if (wanted.alias_of, seen.alias_of) != (was_wanted.alias_of, was_seen.alias_of):
        return _NONE
    rulesets = _NONE
    if _same(wanted.rulesets, was_wanted.rulesets) and _same(seen.rulesets, was_seen.rulesets):
        rulesets = frozenset(["rulesets"])
    if not _same(wanted.guests, was_wanted.guests):
        return rulesets
    if wanted.objects is was_wanted.objects and seen.objects is was_seen.objects:
        return rulesets.union(_OF_OBJECTS)
    objects = {
        name
        for name in _OF_OBJECTS
        if _same(getattr(wanted.objects, name), getattr(was_wanted.objects, name))
        and _same(getattr(seen.objects, name), getattr(was_seen.objects, name))
    }
    # What else there is to do depends on devices: on which are bridges, on which stay.
    return rulesets | objects if "links" in objects else rulesets


def _same(one: object, other: object) -> bool:
    return one is other or one == other
