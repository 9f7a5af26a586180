"""How many hosts share a process (decision 0080).

Apart from `crews`, which knows what such processes run: whoever asks only how many
need not wait until all of that is imported.
"""

LARGEST_WITHOUT_SHARING = 16
"""Hosts of a lab in which each has processes of its own."""

LARGEST_CREW = 10
"""Hosts that share a process in larger labs. A process costs some 50 ms of processor time and
7 MiB before it does anything, a host in it a tenth of that."""


def crew_size(hosts: int) -> int:
    """How many hosts to a crew, in a lab of so many."""
    return 1 if hosts <= LARGEST_WITHOUT_SHARING else LARGEST_CREW
