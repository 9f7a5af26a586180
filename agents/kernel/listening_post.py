"""Hears of the namespaces of all hosts of a process by one socket.

The kernel offers whatever it says of any change to every socket of the machine that listens,
one after the other, before the change is done: with a socket in each namespace, what a
change takes grows with the number of hosts (decision 0106).

The socket is in a namespace of its own that has nothing but ids of those that are
followed. An id ends with its namespace, and keeps none alive.
"""

from agents.kernel import namespace_ids
from agents.kernel.ears import Ear, Heard
from agents.kernel.namespaces import inside_nameless
from agents.kernel.netlink import NetlinkSocket

_UNREAD = 250
"""Changes of one's own of which is read before more are made: an ordinary user's socket keeps
what is said of some four hundred, for all hosts together."""

_KEPT = 2000
"""Changes of one namespace, when nobody has asked for them. It is read anew in less time than
they would take."""


_LATER = 4096
"""Begins ids of namespaces that change less often than others."""


class ListeningPost:
    """Of one process. Call from the thread that may change its network namespace."""

    def __init__(self) -> None:
        """What it takes is made for the first namespace that is to be followed."""
        self._ear: Ear | None = None
        self._netlink: NetlinkSocket | None = None
        self._deaf = False
        self._heard: dict[int, list[Heard]] = {}
        """By the id of each namespace that is followed; one more than are kept: it was too much."""
        self._next = {True: 1, False: _LATER}
        """Ids that nobody has had: of those that come first, and of all others."""
        self._unread = 0
        self.misses = 0
        """How often more was said than could be kept: what was known before may be wrong."""

    @property
    def hears(self) -> bool:
        """Whether it hears of namespaces that it was asked to follow; no: as `follow` says."""
        return self._netlink is not None

    def follow(self, descriptor: int, *, first: bool = False) -> int | None:
        """Hear of the namespace behind this open file from now on; by which id?

        `first`: it changes more often than others. The kernel looks for the id of a namespace
        that changes by going through all that there are, the lowest first.

        None: hearing of other namespaces is not allowed here, as in a container, which lacks
        CAP_NET_BROADCAST.
        """
        netlink = self._begin()
        if netlink is None:
            return None
        # Refused where the namespace has one already, which is then told.
        if not netlink.execute([namespace_ids.assignment(descriptor, self._next[first])]):
            self._next[first] += 1
        (told,) = netlink.ask([namespace_ids.question(descriptor)])
        number = namespace_ids.answer(told)
        if number is not None:
            self._heard[number] = []
        return number

    def forget(self, number: int) -> None:
        """Have nothing kept of this namespace."""
        self._heard.pop(number, None)

    def heard(self, number: int) -> list[Heard] | None:
        """What was said of a namespace that is followed, as taken in since this was last asked.

        None: more than is kept.
        """
        said = self._heard.get(number)
        if not said:
            return []
        self._heard[number] = []
        return said if len(said) <= _KEPT else None

    def listen(self) -> None:
        """Take in what was said so far."""
        self._unread = 0
        if self._ear is None:
            return
        try:
            for heard in self._ear.heard():
                said = None if heard.namespace_id is None else self._heard.get(heard.namespace_id)
                if said is not None and len(said) <= _KEPT:
                    said.append(heard)
        except OSError:
            self._ear.forget()
            self.misses += 1
            for number in self._heard:
                self._heard[number] = []

    def expect(self, changes: int) -> None:
        """So many changes will now be made in namespaces that are followed."""
        if self._unread and self._unread + changes > _UNREAD:
            self.listen()
        self._unread += changes

    def close(self) -> None:
        """Hear nothing any more. Idempotent."""
        for socket in (self._ear, self._netlink):
            if socket is not None:
                socket.close()
        self._ear = self._netlink = None
        self._heard.clear()

    def _begin(self) -> NetlinkSocket | None:
        if self._netlink is None and not self._deaf:
            with inside_nameless():
                ear = Ear(others=True)
                if ear.hears_others:
                    self._ear, self._netlink = ear, NetlinkSocket()
                else:
                    ear.close()
                    self._deaf = True
        return self._netlink
