"""When a process that ended may start again: at once, then later and later."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Restarts:
    """The waits of one process, in seconds.

    One that had come up well starts again without delay; one that ends again and
    again waits twice as long each time, so that it can't keep the machine busy.
    """

    first: float = 0.1
    """Wait before the second start."""
    bound: float = 5.0
    """No wait is longer."""
    settled: float = 10.0
    """A process that lived this long had come up well."""
    _wait: float = 0.0

    def wait_after(self, lived: float) -> float:
        """Seconds to wait before the next start, given how many the last one lived."""
        if lived >= self.settled:
            self._wait = 0.0
        due = self._wait
        self._wait = min(max(2 * self._wait, self.first), self.bound)
        return due
