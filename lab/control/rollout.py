"""From an accepted request to what all agents are told: persist and compile, then deliver.

One request at a time, by one task of the process: a caller who goes away, or two
callers at once, change nothing about that. What was persisted is delivered, by
this process or by the one that comes after it.

A request is persisted before it is compiled. What comes of it follows from it and from what was
applied before, so that whoever comes after finds the same, and it is saved once agents have been
told (`docs/decisions/0110-a-request-is-kept-while-it-is-compiled.md`).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from lab.compile.ledger_json import LedgerFormatError
from lab.contract.state_parts import Parts, encode_health
from lab.contract.v1 import lab_pb2
from lab.control.compiling import Compiled
from lab.control.convergence import Convergence, Watch
from lab.control.health import Health
from lab.control.requests import from_request
from lab.control.sessions import Sessions, Target
from lab.control.store import Applied, StateFileError
from lab.topology.problems import LabFileError
from lab.topology.sources import LabSources

logger = logging.getLogger(__name__)

GRACE = 0.02
"""Seconds that hosts have to do what is new before it is saved, and the caller is answered:
neither is to take time from them."""

Compile = Callable[[LabSources, str | None, LabSources | None], Compiled]
"""From files, the ledger so far, as JSON, and the files that stand to desired states.

Raises `LabFileError`, also for what can't be changed in place."""


class Keeping(Protocol):
    """What survives this process: `lab.control.store.Store`."""

    def load(self) -> Applied | None:
        """What was saved last."""
        ...

    def save(self, applied: Applied) -> None:
        """Let `applied` be what is loaded from now on, wholly or not at all."""
        ...

    def asked(self) -> bytes | None:
        """The request that was being brought about when the process before ended."""
        ...

    def ask(self, source: bytes) -> None:
        """Keep a request that is about to be brought about, until `save` or `withdraw`."""
        ...

    def withdraw(self) -> None:
        """The request is not brought about."""
        ...


class LabInUseError(Exception):
    """The request is for another lab than the one that this process keeps."""


REFUSALS = (LabFileError, LabInUseError, StateFileError)
"""Why a request may not be brought about; anything else is a bug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What stands: the files, what they mean, and the number under which agents know it."""

    number: int
    source: lab_pb2.ApplyRequest
    compiled: Compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A request on its way to the hosts."""

    revision: Revision
    watch: Watch
    """Follows that way from its beginning."""


class Rollout:
    """The revision that stands, and the only way to another one."""

    def __init__(
        self,
        *,
        store: Keeping,
        compile_lab: Compile,
        sessions: Sessions,
        convergence: Convergence,
        health: Health,
    ) -> None:
        self._store = store
        self._compile = compile_lab
        self._sessions = sessions
        self._convergence = convergence
        self._health = health
        health.changed = self._tell_load_balancers
        self._saved: Applied | None = None
        self._unsaved: Callable[[], Applied] | None = None
        """What came of the last request, where that is yet to be kept; who keeps it asks."""
        self._ask = 0
        self._requests: asyncio.Queue[tuple[lab_pb2.ApplyRequest, asyncio.Future[Delivered]]] = (
            asyncio.Queue()
        )
        self.current: Revision | None = None
        """None until a lab was applied."""

    async def restore(self) -> None:
        """Let what the state file holds stand again, under its number.

        A request that was being brought about is so now. Raises
        `lab.control.store.StateFileError` when the file is damaged. A lab
        that this version refuses is kept for the next apply to replace: agents
        hear nothing and go on as they are.
        """
        self._saved = await asyncio.to_thread(self._store.load)
        asked = await asyncio.to_thread(self._store.asked)
        if self._saved is not None:
            await self._restore(self._saved)
        if asked is not None:
            # Tried once: what has ended one process may end the next one too.
            await asyncio.to_thread(self._store.withdraw)
            try:
                await self._bring_about(lab_pb2.ApplyRequest.FromString(asked))
            except REFUSALS as error:
                logger.warning("refused to apply what was asked last: %s", error)

    async def _restore(self, saved: Applied) -> None:
        source = lab_pb2.ApplyRequest.FromString(saved.source)
        try:
            compiled = await asyncio.to_thread(
                self._compile, from_request(source), saved.ledger, None
            )
        except LabFileError as error:
            logger.error("the lab applied last is not accepted any more:\n%s", error)
            return
        except LedgerFormatError as error:
            raise StateFileError(f"the allocations in the state file: {error}") from error
        for backends in compiled.probed.values():
            self._health.trust(backends)
        self._deliver(Revision(number=saved.revision, source=source, compiled=compiled))

    async def apply(self, request: lab_pb2.ApplyRequest) -> Delivered:
        """Bring `request` about; returns as soon as agents have been told and it is saved.

        Raises `LabFileError` when the files are no lab, `LabInUseError` when they
        are another one, `lab.control.store.StateFileError` when it can't be
        kept; the revision that stood before stands then. It is raised too when what came of
        the request can't be saved, which agents are being told then: the request is kept.
        """
        answer: asyncio.Future[Delivered] = asyncio.get_running_loop().create_future()
        self._requests.put_nowait((request, answer))
        return await answer

    async def run(self) -> None:
        """Serve `apply` until cancelled."""
        while True:
            request, answer = await self._requests.get()
            try:
                delivered = await self.bring_about(request)
            except Exception as error:
                # The caller's to handle; a caller who left has no use for it.
                if not answer.cancelled():
                    answer.set_exception(error)
                logger.warning(
                    "refused to apply: %s", error, exc_info=not isinstance(error, REFUSALS)
                )
            else:
                if not answer.cancelled():
                    answer.set_result(delivered)

    async def bring_about(self, request: lab_pb2.ApplyRequest) -> Delivered:
        """As `apply`, at once: for when `run` isn't running, which does nothing else."""
        return await self._bring_about(request, ask=True)

    async def _bring_about(self, request: lab_pb2.ApplyRequest, *, ask: bool = False) -> Delivered:
        """`ask`: have the request be kept until it is saved as applied."""
        source = lab_pb2.ApplyRequest()
        source.CopyFrom(request)
        source.ClearField("deadline")
        self._refuse_other_file(source)
        # What was applied before has to be kept: what comes of this request follows from it.
        await self._save()
        encoded = source.SerializeToString(deterministic=True)
        # The same again leads to what stands.
        is_new = self._saved is None or self._saved.source != encoded
        compiling = partial(self._kept_and_compiled, encoded) if ask and is_new else self._compiled
        compiled = await asyncio.to_thread(compiling, source)
        revision = Revision(number=self._number(compiled), source=source, compiled=compiled)
        self._unsaved = partial(_applied, revision, encoded)
        delivered = self._deliver(revision)
        if is_new:
            await delivered.watch.settled(within=GRACE)
        await self._save()
        return delivered

    def _kept_and_compiled(self, encoded: bytes, source: lab_pb2.ApplyRequest) -> Compiled:
        """As `_compiled`, of what is kept by then, unless it is refused."""
        self._store.ask(encoded)
        try:
            return self._compiled(source)
        except BaseException:
            self._withdraw()
            raise

    def _compiled(self, source: lab_pb2.ApplyRequest) -> Compiled:
        """Slow, so in a thread: one at a time, as nobody else changes what stands meanwhile."""
        before = self._saved
        compiled = self._compile(
            from_request(source),
            before.ledger if before else None,
            from_request(lab_pb2.ApplyRequest.FromString(before.source)) if before else None,
        )
        self._refuse_other_name(compiled)
        return compiled

    def _withdraw(self) -> None:
        try:
            self._store.withdraw()
        except StateFileError as error:
            # Why it is refused is what the caller has to hear; it would be refused again.
            logger.warning("a refused request stays beside the state file: %s", error)

    async def _save(self) -> None:
        if self._unsaved is not None:
            self._saved = await asyncio.to_thread(self._keep, self._unsaved)
            self._unsaved = None

    def _keep(self, unsaved: Callable[[], Applied]) -> Applied:
        applied = unsaved()
        if applied != self._saved:
            self._store.save(applied)
        return applied

    def _number(self, compiled: Compiled) -> int:
        """A number names a set of desired states: it grows exactly when one of them changes."""
        if self._saved is None:
            return 1
        if self.current and self.current.compiled.states == compiled.states:
            return self._saved.revision
        return self._saved.revision + 1

    def follow(self) -> Watch:
        """Follow the way to what was asked last."""
        return self._convergence.watch(ask=self._ask)

    def _deliver(self, revision: Revision) -> Delivered:
        self._ask += 1
        self.current = revision
        self._convergence.expect(revision.compiled.pods)
        watch = self.follow()
        self._sessions.deliver(
            Target(revision=revision.number, ask=self._ask, states=self._states(revision.compiled))
        )
        logger.info("revision %d goes to %d hosts", revision.number, len(revision.compiled.states))
        return Delivered(revision=revision, watch=watch)

    def _states(self, compiled: Compiled) -> Mapping[str, Parts]:
        """What hosts have to be: as it was compiled, with what is known of who is up."""
        amended = {name: self._state(name, compiled) for name in compiled.probed}
        return {**compiled.states, **amended} if amended else compiled.states

    def _state(self, load_balancer: str, compiled: Compiled) -> Parts:
        up = self._health.up(compiled.probed[load_balancer])
        return *compiled.states[load_balancer], encode_health(up)

    def _tell_load_balancers(self, host: str) -> None:
        """Of `host` something new is known: those in whose pools it is hear of it."""
        if self.current is None:
            return
        compiled = self.current.compiled
        for name, backends in compiled.probed.items():
            if any(backend.host == host for backend in backends):
                self._sessions.amend(name, self._state(name, compiled))

    def _refuse_other_file(self, source: lab_pb2.ApplyRequest) -> None:
        standing = self.current.source.origin if self.current else ""
        if not standing or not source.origin:
            # Known to be the same lab or not to be told apart: the name decides.
            source.origin = source.origin or standing
        elif standing != source.origin:
            raise LabInUseError(
                f"the lab is deployed from {standing}, not from {source.origin}: "
                "destroy it first, or give this one another name"
            )

    def _refuse_other_name(self, compiled: Compiled) -> None:
        if self.current and self.current.compiled.name != compiled.name:
            raise LabInUseError(
                f"this cloud process keeps the lab {self.current.compiled.name}, "
                f"not {compiled.name}"
            )


def _applied(revision: Revision, source: bytes) -> Applied:
    return Applied(revision=revision.number, source=source, ledger=revision.compiled.ledger())
