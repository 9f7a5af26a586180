"""How many hosts share a process (decisions 0080 and 0104).

Apart from `crews`, which knows what such processes run: whoever asks only how many
need not wait until all of that is imported.
"""

from math import ceil

LARGEST_WITHOUT_SHARING = 16
"""Hosts of a lab in which each has processes of its own."""

SMALLEST_CREW = 10
"""Hosts that share a process in larger labs, at least. A process costs some 50 ms of processor
time and 7 MiB before it does anything, a host in it a tenth of that."""

LARGEST_CREW = 64
"""And at most: so many have one thread for what they ask of the kernel, and end together."""


def crew_size(hosts: int, *, processors: int) -> int:
    """How many hosts to a crew, in a lab of so many.

    More processes than the machine has processors would take turns on them, and each
    read for itself what its hosts have in common.
    """
    if hosts <= LARGEST_WITHOUT_SHARING:
        return 1
    crews = max(ceil(hosts / LARGEST_CREW), min(processors, hosts // SMALLEST_CREW))
    return ceil(hosts / crews)
