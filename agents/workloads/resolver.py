"""Which records answer a question, of the zones that a network sees. Without I/O or wire format.

As a recursive resolver answers: the zone with the longest name decides, an alias is
followed wherever it leads, and what no zone holds doesn't exist.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone

LONGEST_CHAIN = 8
"""Aliases behind one another; further ones are a circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a question comes to."""

    exists: bool
    """Whether the name does, be it without records of the type: NXDOMAIN otherwise."""
    record_sets: tuple[DnsRecordSet, ...] = ()
    """In the order of the answer: aliases, then what was asked for. Named as asked."""
    held: bool = True
    """Whether the name lies in one of the zones; otherwise others may know more."""


class Resolver:
    """Answers from zones."""

    def __init__(self, zones: Iterable[DnsZone]) -> None:
        self._zones = {zone.name: _names_of(zone) for zone in zones}

    def find(self, name: str, kind: DnsRecordType | None) -> Found:
        """What there is of `name`, in lower case and without a final dot.

        `kind` None: a type that no zone has records of.
        """
        answer: list[DnsRecordSet] = []
        if self._authority(name) is None:
            return Found(exists=False, held=False)
        for _ in range(LONGEST_CHAIN):
            names = self._authority(name)
            found = names.of(name) if names is not None else None
            if found is None:
                return Found(exists=False, record_sets=tuple(answer))
            for each in found:
                if each.type in (kind, DnsRecordType.CNAME):
                    answer.append(each)
            alias = next((each for each in found if each.type is DnsRecordType.CNAME), None)
            if alias is None or kind is DnsRecordType.CNAME:
                break
            name = alias.data[0].lower()
        return Found(exists=True, record_sets=tuple(answer))

    def _authority(self, name: str) -> "_Names | None":
        """The zone with the longest name that `name` ends with."""
        while name not in self._zones:
            if not name:
                return None
            name = _parent(name)
        return self._zones[name]


@lru_cache(maxsize=64)
def _names_of(zone: DnsZone) -> "_Names":
    """The same for all hosts of a process."""
    return _Names(zone.record_sets)


class _Names:
    """The names of a zone; nobody changes them."""

    def __init__(self, record_sets: Iterable[DnsRecordSet]) -> None:
        self._by_name: dict[str, list[DnsRecordSet]] = {}
        self._above: set[str] = set()
        """Names that others lie below."""
        for each in record_sets:
            self._by_name.setdefault(each.name, []).append(each)
            above = _parent(each.name)
            while above and above not in self._above:
                self._above.add(above)
                above = _parent(above)

    def of(self, name: str) -> Sequence[DnsRecordSet] | None:
        """The records of a name, its own or a wildcard's; None: there is no such name."""
        if (own := self._by_name.get(name)) is not None:
            return own
        if name in self._above:
            return ()
        above = name
        while above:
            above = _parent(above)
            wildcard = self._by_name.get(f"*.{above}" if above else "*")
            if wildcard is not None:
                return [_named(each, name) for each in wildcard]
            if above in self._by_name or above in self._above:
                return None
        return None


def _named(record_set: DnsRecordSet, name: str) -> DnsRecordSet:
    return DnsRecordSet(name=name, type=record_set.type, ttl=record_set.ttl, data=record_set.data)


def _parent(name: str) -> str:
    return name.partition(".")[2]
