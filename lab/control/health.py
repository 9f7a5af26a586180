"""Which members of load balancers' pools are up, as their hosts said last.

What was said stands until something else is said: an agent that goes away does not
take its host with it. Pure bookkeeping on one event loop.
"""

from collections.abc import Callable, Iterable, Set

from lab.contract.load_balancing import ProbedBackend


def _nobody_cares(_: str) -> None:
    return


class Health:
    """What probes have found."""

    def __init__(self) -> None:
        self._found: dict[ProbedBackend, bool] = {}
        self.changed: Callable[[str], None] = _nobody_cares
        """Called with the name of a host of which something new is known."""

    def trust(self, backends: Iterable[ProbedBackend]) -> None:
        """Take `backends` for up until their hosts have spoken.

        A cloud process that begins anew knows nothing, and must not end what goes on.
        """
        self._found = dict.fromkeys(backends, True) | self._found

    def heard(self, host: str, *, up: Iterable[str], down: Iterable[str]) -> None:
        """Probes by these names find `host` up or down."""
        said = {ProbedBackend(probe=probe, host=host): True for probe in up}
        said |= {ProbedBackend(probe=probe, host=host): False for probe in down}
        known = self._found | said
        if known != self._found:
            self._found = known
            self.changed(host)

    def is_up(self, backend: ProbedBackend) -> bool:
        """Whether it is; not if nobody has said so."""
        return self._found.get(backend, False)

    def up(self, backends: Set[ProbedBackend]) -> list[ProbedBackend]:
        """Those of `backends` that are, in order."""
        return sorted(filter(self.is_up, backends))
