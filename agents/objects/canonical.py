"""One object for all equal ones: to compare many with many is then to compare references.

A virtual switch has hundreds of routes, wanted and seen, and every round asks which
of them differ. Sets answer that without looking into their members where both hold
the very same ones.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import TypeVar, cast

_Value = TypeVar("_Value", bound=Hashable)

_MOST = 65536


def canonical(value: _Value) -> _Value:
    """The first one of those equal to `value` that was seen, while it is remembered."""
    return cast(_Value, _canonical(value))


@lru_cache(maxsize=_MOST)
def _canonical(value: Hashable) -> Hashable:
    return value
