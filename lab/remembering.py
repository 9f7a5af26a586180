"""What was worked out before, for pure functions whose arguments can be compared but not hashed.

Between two compilations of a lab hardly anything changes, and what is equal is mostly
the same object, so comparing arguments costs next to nothing. Where arguments can
be hashed at little cost, `functools.lru_cache` does.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from functools import wraps
from threading import Lock
from typing import Concatenate, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_NEVER = object()
"""Stands for the argument of whoever wasn't asked for: none equals it."""


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
        known: Known[tuple[object, R]] = Known(maxsize)

        @wraps(function)
        def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
            name, asked = by(*args, **kwargs), (args, kwargs)
            before = known.get(name)
            if before is not None and before[0] == asked:
                result = before[1]
            else:
                result = function(*args, **kwargs)
            # The newest arguments: the next ones are likely the same objects.
            known.put(name, (asked, result))
            return result

        return remembered

    return decorate


def remembering_each(
    *, maxsize: int
) -> Callable[[Callable[[T], R]], Callable[[Hashable, Mapping[str, T]], Mapping[str, R]]]:
    """Let a function of one argument be asked for many at once: of all hosts of a lab.

    What it becomes takes a name for all of them and the argument of each, by name, and
    returns the results in that order. Whose argument equals its last one keeps its last
    result, which is the same object; whoever isn't asked for any more is forgotten.
    Neither mapping may be changed by anybody.
    `maxsize` as for `remembering`, of names for all.
    """

    def decorate(
        function: Callable[[T], R],
    ) -> Callable[[Hashable, Mapping[str, T]], Mapping[str, R]]:
        known: Known[tuple[Mapping[str, T], dict[str, R]]] = Known(maxsize)

        @wraps(function)
        def remembered(of: Hashable, asked: Mapping[str, T]) -> Mapping[str, R]:
            before, results = known.get(of) or ({}, {})
            found: dict[str, R] = {}
            for name, argument in asked.items():
                last = before.get(name, _NEVER)
                if last is argument or last == argument:
                    found[name] = results[name]
                else:
                    found[name] = function(argument)
            known.put(of, (asked, found))
            return found

        return remembered

    return decorate


def continuing(
    *, by: Callable[P, Hashable], maxsize: int
) -> Callable[[Callable[Concatenate[R | None, P], R]], Callable[P, R]]:
    """Let a function begin with its last result for a name, its first argument: None at first.

    What it returns must say the same as if it had begun with None. `by` and `maxsize` as
    for `remembering`.
    """

    def decorate(function: Callable[Concatenate[R | None, P], R]) -> Callable[P, R]:
        known: Known[R] = Known(maxsize)

        @wraps(function)
        def continued(*args: P.args, **kwargs: P.kwargs) -> R:
            name = by(*args, **kwargs)
            result = function(known.get(name), *args, **kwargs)
            known.put(name, result)
            return result

        return continued

    return decorate


class Known(Generic[T]):
    """What was put last, by name: no more than `maxsize` of it, for threads to share."""

    def __init__(self, maxsize: int) -> None:
        self._entries: OrderedDict[Hashable, T] = OrderedDict()
        self._maxsize = maxsize
        self._turn = Lock()

    def get(self, name: Hashable) -> T | None:
        """What was put under `name`; None when that was never or too long ago."""
        with self._turn:
            return self._entries.get(name)

    def put(self, name: Hashable, entry: T) -> None:
        """Keep `entry`, and forget the oldest one when there are too many."""
        with self._turn:
            self._entries[name] = entry
            self._entries.move_to_end(name)
            if len(self._entries) > self._maxsize:
                self._entries.popitem(last=False)
