"""What was worked out before, for pure functions whose arguments can be compared but not hashed.

Between two compilations of a lab hardly anything changes, and what is equal is mostly
the same object, so comparing arguments costs next to nothing. Where arguments can
be hashed at little cost, `functools.lru_cache` does.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def remembering(
    *, by: Callable[P, Hashable], maxsize: int
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function return its last result for a name when its arguments equal the last ones.

    `by` makes the name out of the arguments: of a pod, of a host. Names beyond
    `maxsize` push out the one that was asked for longest ago. Arguments and results
    must not be changed by anybody, and what arguments leave out of comparison (where
    they stand in a file) or are free in (the order of a mapping) must not show in
    results.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        known: OrderedDict[Hashable, tuple[object, R]] = OrderedDict()
        turn = Lock()

        @wraps(function)
        def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
            name, asked = by(*args, **kwargs), (args, kwargs)
            with turn:
                before = known.get(name)
            if before is not None and before[0] == asked:
                result = before[1]
            else:
                result = function(*args, **kwargs)
            with turn:
                # The newest arguments: the next ones are likely the same objects.
                known[name] = asked, result
                known.move_to_end(name)
                if len(known) > maxsize:
                    known.popitem(last=False)
            return result

        return remembered

    return decorate
