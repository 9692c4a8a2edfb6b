"""The service as one object: events in, guidance out, rules published, people looked up.

The door of the engine: `api/` calls nothing else for what is live. Decides nothing itself: intake validates, ingest
writes and folds, decisions decide. Time and randomness come from what it is given.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.auditing import Auditing
from engine.bulk import Refusals, as_json, parts
from engine.clicks import clicks_for
from engine.errors import (
    Busy,
    StorageUnavailable,
    UnknownDecision,
    UnknownGuide,
    UnknownProject,
    WaypostError,
)
from engine.flags import Flags
from engine.forgetting import Forgetting
from engine.guidance import Confirming, Guidance
from engine.hindsight import situation_at
from engine.ids import Entropy, time_ordered
from engine.ingest import Asked, Ingest, Received
from engine.intake import Defaults, Voucher, take_in
from engine.makeshift import confirm_without_database, decide_without_database, is_makeshift
from engine.membership import RulesNow
from engine.onlooker import Onlooker
from engine.picking import Picking
from engine.plans import Plans
from engine.privacy import Privacy
from engine.publications import Publications
from engine.refolding import Refolding
from engine.replay.settings import ReplayMode
from engine.replies import (
    Access,
    Click,
    Confirmation,
    KeyKind,
    KeyView,
    LoggedDecision,
    LoggedEvent,
    NewKey,
    Page,
    ProjectView,
    Published,
    Pulse,
    Receipt,
    Refused,
    Reply,
    UserView,
)
from engine.roster import state_now
from engine.rulebook import Rulebook
from engine.ruleset import RuleSet
from engine.sign_in import SignIn
from engine.staff import Staff
from engine.storage import decisions, identity, log, unreadable
from engine.storage.memory import Memory
from engine.storage.records import step_record_of
from engine.storage.store import Database
from engine.storage.writer import Writer
from engine.telling import Telling
from engine.tenancy import Tenancy
from engine.unreadable import Unreadable
from engine.vouching import Vouching
from engine.why import Why, why

if TYPE_CHECKING:
    from engine.analytics.records import StepRecord

PATIENCE_FOR_GUIDANCE: Final = 2.0
"""Seconds that a page waits for guidance at most; then it gets what can be said without the database."""
PATIENCE_WHILE_FAILING: Final = 0.25
"""The same, while the database is known not to answer: each request is also the attempt that finds it back."""
_BULK: Final = 5_000
"""Messages of a long history that are written together."""


class Service:
    """Everything that a running Waypost does, for all projects of one database."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], Instant],
        entropy: Entropy = os.urandom,
        cache: Path | None = None,
        lakes: Path | None = None,
    ) -> None:
        """Take over a migrated database and start writing. See `open`."""
        self._database = database
        self._clock = clock
        self._entropy = entropy
        self._rulebook = Rulebook(cache)
        memory = Memory()
        self._guidance = Guidance(self._rulebook, self._new_id, memory)
        self._writer = Writer(database)
        self._refolding = Refolding(database, self._writer, self._rulebook, memory)
        self._ingest = Ingest(self._rulebook, self._guidance, memory, self._refolding.start)
        self._onlooker = Onlooker(database, self._writer, self._rulebook, self._guidance)
        self.forgetting = Forgetting(database, self._writer, memory, self._onlooker.forget)
        """Drops what this process keeps of people in memory when anybody is erased; whoever else keeps such adds it."""
        self.publications = Publications(
            database, self._writer, self._rulebook, clock=clock, republished=self._refolding.start
        )
        """The versions of the rules."""
        self.auditing = Auditing(database, self._writer, clock=clock)
        """The audit log."""
        self.flags = Flags(database, self._rulebook, clock=clock)
        """Segments and guides, asked as flags."""
        self.plans = Plans(database, self._writer, clock)
        """The tracking plans."""
        self.tenancy = Tenancy(database, self._writer, clock=clock, entropy=entropy)
        """Projects, their environments and their keys."""
        self.staff = Staff(database, self._writer, clock=clock, entropy=entropy)
        """People of the console, and how they join."""
        self.sign_in = SignIn(database, self._writer, clock=clock, entropy=entropy)
        """Who is signed in to the console."""
        self.privacy = Privacy(database, self._writer, self._rulebook, clock=clock, entropy=entropy, lakes=lakes)
        """What people may ask for: export, erasure, and how long events are kept."""
        self.vouching = Vouching(database, self._writer, clock=clock, entropy=entropy)
        """Users whom the customer's server vouches for."""
        self.picking = Picking(database, self._writer, clock=clock, entropy=entropy)
        """Picking elements on the customer's pages."""

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], Instant],
        entropy: Entropy = os.urandom,
        cache: Path | None = None,
        lakes: Path | None = None,
        migrates: bool = True,
    ) -> Service:
        """Connect (`sqlite:////path/file` or `postgresql://…`), migrate to the newest schema, start the writer.

        cache: a folder of its own in which checked rules are kept from one start to the next; None for none. lakes:
        the folder in which analyses keep their copies of the log (`engine.analyst`), which erasures rewrite.
        migrates: False leaves an older schema alone.
        Raises engine.errors.StorageUnavailable, NewerDatabase, OlderDatabase, UnsupportedDatabase.
        """
        database = Database(url)
        try:
            database.prepare(now=clock(), migrates=migrates)
            service = cls(database, clock=clock, entropy=entropy, cache=cache, lakes=lakes)
        except BaseException:
            database.close()
            raise
        for project in service.projects():
            service._refolding.start(project.id)
        return service

    def close(self) -> None:
        """Write what was accepted, stop the writer, close all connections. May be called twice."""
        with suppress(WaypostError):
            self.vouching.flush()
        self.forgetting.close()
        self._refolding.close()
        self._onlooker.close()
        self._writer.close()
        self._rulebook.close()
        self._database.close()

    def is_ready(self) -> bool:
        """True when the database answers and the writer runs; never raises."""
        return self._writer.is_running and self._database.answers()

    def pulse(self) -> Pulse:
        """How the service is doing now; never raises."""
        requests, events = self._writer.waiting
        return Pulse(self.is_ready(), requests, events, self._writer.groups, self._writer.requests)

    def settle(self, project_id: int, timeout: float | None = None) -> bool:
        """Wait until every state of a project is up to date with its rules; False after `timeout` seconds."""
        return self._refolding.wait(project_id, timeout)

    # projects and keys

    def ensure_project(
        self,
        slug: str = "default",
        *,
        name: str = "",
        zone: str = "UTC",
        allowed_origins: Sequence[str] = (),
        public_key: str | None = None,
        secret_key: str | None = None,
    ) -> ProjectView:
        """The project of that slug; created with these settings and keys when it is not there (at the first start)."""
        keys = [key for key in (public_key, secret_key) if key is not None]
        return self.tenancy.ensure(slug, name=name, zone=zone, allowed_origins=allowed_origins, keys=keys)

    def project(self, project_id: int) -> ProjectView | None:
        """The project of that number."""
        return self.tenancy.by_id(project_id)

    def projects(self) -> tuple[ProjectView, ...]:
        """All environments of all projects, in the order of their making."""
        return self.tenancy.all()

    def authenticate(self, key: str) -> Access | None:
        """Who a key belongs to; None for one that is unknown, was withdrawn or has expired."""
        return self.tenancy.authenticate(key)

    def create_key(self, project_id: int, kind: KeyKind, *, name: str = "") -> NewKey:
        """A new key that may do all that its kind may; its text is seen only now."""
        return self.tenancy.create_key(project_id, kind, name=name)

    def keys(self, project_id: int) -> tuple[KeyView, ...]:
        """The project's keys, oldest first, revoked ones too."""
        return self.tenancy.keys([project_id])

    def revoke_key(self, project_id: int, key_id: int) -> bool:
        """False when the project has no such living key."""
        return self.tenancy.revoke_key(project_id, key_id)

    # events and guidance

    def receive(
        self,
        project_id: int,
        messages: Sequence[JsonValue],
        *,
        received: Instant,
        sent_at: JsonValue = None,
        defaults: Defaults = Defaults(),  # noqa: B008  (frozen)
        decide: bool = False,
        context: Mapping[str, JsonValue] | None = None,
        live: bool = True,
    ) -> Receipt:
        """Keep messages in Segment's form (each with its `type`), fold them, and decide for the last one's user.

        When this returns, the accepted events are durable. sent_at: the batch's `sentAt`, as received. defaults: what
        a batch gives to its messages. context: that of the request for guidance (`page`, `locale`, `device`,
        `timezone`), only for `decide`. live: False for imports, which wake nothing.
        Raises engine.errors.Busy, StorageUnavailable, UnknownProject.
        """
        taken = take_in(
            messages,
            received=received,
            new_id=self._new_id,
            sent_at=sent_at,
            defaults=defaults,
            live=live,
            plan=self.plans.of(project_id),
        )
        record = ReplayMode.OFF
        if defaults.voucher is not None:
            project = self._project(project_id)
            taken, record = self.vouching.admit(project, taken, defaults.voucher), project.replay.mode
        if not taken.taken and not taken.violations:
            return Receipt(accepted=0, duplicates=0, rejected=taken.rejected)
        request = Received(project_id, taken, received, decide=decide, context=context, record=record)
        return self._writer.write(self._ingest.receive, request, weight=len(taken.taken))

    def import_history(
        self,
        project_id: int,
        messages: Iterable[JsonValue],
        *,
        received: Instant,
        progress: Callable[[int], None] | None = None,
        batch: int = _BULK,
        most_refused: int | None = None,
    ) -> Receipt:
        """Keep a long history fast: in batches of `batch`, waking nothing; `progress` hears how many were read.

        Returns when all is kept and every state is up to date. `rejected` counts messages from 0 over the whole
        history. Raises what `receive` raises, and TooManyProblems; what was kept until then stays, and sending it again
        does no harm.
        """
        accepted = duplicates = read = 0
        refused = Refusals(most_refused)
        plan = self.plans.of(project_id)
        for part in parts(messages, batch):
            taken = take_in(
                as_json(part), received=received, new_id=self._new_id, live=False, limit=len(part), plan=plan
            )
            refused.add(taken.rejected, before=read)
            if taken.taken or taken.violations:
                receipt = self._writer.write(
                    self._ingest.receive,
                    Received(project_id, taken, received, bulk=True),
                    weight=len(part),
                    patience=None,
                )
                accepted += receipt.accepted
                duplicates += receipt.duplicates
            read += len(part)
            if progress is not None:
                progress(read)
        self._refolding.start(project_id)
        self._refolding.wait(project_id)
        return Receipt(accepted, duplicates, refused.all)

    def decide(
        self,
        project_id: int,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        context: Mapping[str, JsonValue] | None = None,
        trigger: str | None = None,
        guide: str | None = None,
        telling: Telling = Telling.NOTHING,
        voucher: Voucher | None = None,
    ) -> Reply:
        """Guidance for one user now. trigger: let only waiting events of this name wake edge rules.

        guide: decide this one alone, which the user wants to see. telling: what is told of the guides that were
        considered (`engine.telling`).
        While the database cannot be used the answer is `degraded` (`engine.makeshift`).
        Raises NoIdentity, UnknownProject; StorageUnavailable where the rules were never read.
        """
        record = ReplayMode.OFF
        if voucher is not None:
            project = self._project(project_id)
            record = project.replay.mode
            if user_id is not None:
                self.vouching.admit_user(project, user_id, voucher)
        ids = identity.read_ids(user_id, anonymous_id)
        asked = Asked(project_id, user_id, anonymous_id, self._clock(), context, trigger, guide, telling, record)
        if (reply := self._onlooker.decide(asked)) is not None:
            return reply
        patience = PATIENCE_WHILE_FAILING if self._writer.is_failing else PATIENCE_FOR_GUIDANCE
        try:
            return self._writer.write(self._ingest.decide, asked, patience=patience)
        except (Busy, StorageUnavailable):
            ruleset = self._rulebook.known(project_id)
            if ruleset is None:
                raise
            return decide_without_database(ruleset, now=asked.at, person=ids[0], context=context, asked_for=guide)

    def clicks(self, project_id: int, *, known: str | None) -> tuple[Click, ...] | None:
        """The clicks that a browser makes events of, if it does not know them. known: see `engine.clicks`."""
        return clicks_for(self._rulebook.known(project_id), known)

    def confirm(
        self,
        project_id: int,
        decision_id: str,
        *,
        context: Mapping[str, JsonValue] | None = None,
        holder: str | None = None,
    ) -> Confirmation:
        """May this decision be shown now? A yes reserves the place for 30 s against other tabs and devices.

        holder: a tab's own mark; with it a repeated question of the same tab gets the same yes.
        Raises UnknownDecision.
        """
        if is_makeshift(decision_id):
            ruleset = self._rulebook.known(project_id) or self.rules(project_id)
            if ruleset is None:
                raise UnknownDecision
            return confirm_without_database(ruleset, decision_id, now=self._clock(), context=context)
        confirming = Confirming(project_id, decision_id, self._clock(), context=context, holder=holder)
        return self._onlooker.confirm(confirming)

    # rules

    def publish(
        self, project_id: int, files: Mapping[str, str], *, by: str = "", note: str = ""
    ) -> Published | Refused:
        """Put rule files in force, whole or not at all. Raises UnknownProject."""
        return self.publications.publish(project_id, files, by=by, note=note)

    def rules(self, project_id: int) -> RuleSet | None:
        """The rule set in force; None before the first publication. Raises UnknownProject."""
        with self._database.reading() as connection:
            in_force = self._rulebook.of(connection, project_id)
        return None if in_force.version is None else in_force.ruleset

    # records

    @property
    def database(self) -> Database:
        """What the analyses copy from."""
        return self._database

    def declared(self, project_id: int) -> RuleProject:
        """What the rules in force declare; nothing before the first publication. Raises UnknownProject."""
        return self.rules_now(project_id).project

    def rules_now(self, project_id: int) -> RulesNow:
        """The rules in force, and now: what analyses ask conditions with. Raises UnknownProject."""
        with self._database.reading() as connection:
            return RulesNow.of(self._rulebook.of(connection, project_id).ruleset, self._clock())

    def step_record(self, project_id: int, journey: str, step: str, *, with_simulated: bool = False) -> StepRecord:
        """The record of a step now. Raises UnknownProject, UnknownJourney, UnknownStep."""
        rules = self.declared(project_id)
        place, now = (journey, step), self._clock()
        with self._database.reading() as connection:
            return step_record_of(connection, project_id, rules, place, now=now, with_simulated=with_simulated)

    def unreadable_values(self, project_id: int) -> tuple[Unreadable, ...]:
        """What came and cannot be read as what the rules declare, the most frequent first. Raises UnknownProject."""
        with self._database.reading() as connection:
            return unreadable.unreadable_values(connection, project_id, self.declared(project_id))

    # people and the log

    def user(self, project_id: int, *, user_id: str | None = None, anonymous_id: str | None = None) -> UserView | None:
        """What is known of a person now; None for an id that was never seen."""
        with self._database.reading() as connection:
            person = identity.find_person(connection, project_id, user_id, anonymous_id)
            if person is None:
                return None
            plan = self._rulebook.of(connection, project_id).ruleset.plan
            return UserView(
                person_id=person.id,
                first_id=person.first_id,
                user_id=person.user_id,
                anonymous_ids=tuple(identity.anonymous_ids(connection, person.id)),
                state=orjson.loads(state_now(connection, plan, person.id).to_json()),
            )

    def explain(
        self,
        project_id: int,
        guide: str,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        at: Instant | None = None,
        context: Mapping[str, JsonValue] | None = None,
        rules_of_then: bool = True,
    ) -> Why | None:
        """Why a guide was shown to a person at an instant (now without one), or why not.

        rules_of_then: by the rules that were in force then; else by those in force now. None for an id that was never
        seen. Nothing is written. Raises UnknownProject, UnknownGuide.
        """
        now = self._clock() if at is None else at
        with self._database.reading() as connection:
            asks_then, book = at is not None and rules_of_then, self._rulebook
            in_force = book.then(connection, project_id, now) if asks_then else book.of(connection, project_id)
            ruleset = in_force.ruleset
            if guide not in ruleset.by_name:
                raise UnknownGuide(guide, tuple(ruleset.by_name), version=in_force.version if asks_then else None)
            situation = situation_at(
                connection, project_id, ruleset, at=now, user_id=user_id, anonymous_id=anonymous_id, context=context
            )
        return None if situation is None else why(situation, guide)

    def history(
        self, project_id: int, *, user_id: str | None = None, anonymous_id: str | None = None, limit: int = 1_000
    ) -> tuple[LoggedEvent, ...]:
        """The latest events of one person, over all ids, in history order (time, then receipt)."""
        with self._database.reading() as connection:
            person = identity.find_person(connection, project_id, user_id, anonymous_id)
            if person is None:
                return ()
            return tuple(log.latest(connection, identity.aliases(connection, person.id), limit=limit))

    def recent_events(self, project_id: int, *, after: int | None = None, limit: int = 100) -> Page[LoggedEvent]:
        """Events received after a cursor, oldest first; without a cursor the latest ones."""
        with self._database.reading() as connection:
            found = log.received_after(connection, project_id, after, limit=limit)
        return Page(tuple(found), found[-1].event.seq if found else after or 0)

    def recent_decisions(self, project_id: int, *, after: int | None = None, limit: int = 100) -> Page[LoggedDecision]:
        """Decisions made after a cursor, oldest first; without a cursor the latest ones.

        A request for which no guide came into question leaves no row.
        """
        self._onlooker.settle()
        with self._database.reading() as connection:
            found = decisions.made_after(connection, project_id, after, limit=limit)
        return Page(tuple(found), found[-1].seq if found else after or 0)

    def _project(self, project_id: int) -> ProjectView:
        found = self.tenancy.by_id(project_id)
        if found is None:
            raise UnknownProject
        return found

    def _new_id(self) -> str:
        return time_ordered(self._clock(), self._entropy)
