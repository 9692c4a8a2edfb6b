"""A recorded history as a whole, folded up to an instant: decisions without a database.

For the command line, scenario tests and backtests. Decides nothing itself; see `engine.decisions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dsl.needs import Slot
from dsl.values import Instant
from engine.accounts import AccountState, account_slots, accounts_of
from engine.context import NO_CONTEXT, RequestContext
from engine.decisions import Decision, Surroundings, decide
from engine.people import Person
from engine.ruleset import RuleSet
from engine.state import UserState, Woken, fold, new_state


@dataclass(frozen=True, slots=True)
class Known:
    """A person with their state at the instant and the events that could wake rules."""

    person: Person
    state: UserState
    woken: tuple[Woken, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """Everybody of a history, folded up to the instant: what decisions about one ask of the others."""

    ruleset: RuleSet
    people: tuple[Known, ...]
    accounts: Mapping[str, AccountState]
    responses: Mapping[str, int]

    @classmethod
    def of(cls, ruleset: RuleSet, people: Iterable[Person]) -> Past:
        """Fold the histories of people."""
        known: list[Known] = []
        for person in people:
            folded = fold(ruleset.plan, None, person.events)
            known.append(Known(person, folded.state, folded.woken))
        accounts = accounts_of(event for each in known for event in each.person.events)
        histories = [each.state.guides for each in known]
        responses = {
            name: sum(guides[name].submissions for guides in histories if name in guides) for name in ruleset.stops
        }
        return cls(ruleset, tuple(known), accounts, responses)

    def knows(self, user: str) -> bool:
        """Whether anything is known of the person with that id."""
        return self._found(user) is not None

    def _found(self, user: str) -> Known | None:
        return next((each for each in self.people if user in (each.person.name, *each.person.anonymous_ids)), None)

    def person(self, user: str) -> Known:
        """The person with that id, which is the user's own or an anonymous one; somebody new for an unknown id."""
        return self._found(user) or Known(Person(user, user), new_state(self.ruleset.plan), ())

    def decide(
        self, known: Known, *, at: Instant, trigger: str | None = None, context: RequestContext = NO_CONTEXT
    ) -> Decision:
        """What the person would be shown at an instant, which is not before the history's end.

        trigger: lets the person's last event wake rules if it has this name and is fresh. Without it only rules
        without `on` are decided, and what was snoozed.
        """
        last = known.woken[-1:] if trigger is not None else ()
        return decide(
            self.ruleset,
            known.state,
            last,
            now=at,
            person=known.person.first_id,
            context=context,
            only=trigger,
            around=self.around(known),
        )

    def around(self, known: Known) -> Surroundings:
        """What decisions about a person ask of the others."""
        account = self.accounts.get(known.state.account_id) if known.state.account_id is not None else None
        return Surroundings(
            account=account.traits if account is not None else None,
            others=self._others(known),
            log=lambda: known.person.events,
            responses=self.responses,
        )

    def _others(self, known: Known) -> Callable[[], Iterable[Mapping[str, Slot]]]:
        account = known.state.account_id

        def others() -> Iterable[Mapping[str, Slot]]:
            for each in self.people:
                if account is not None and each is not known and each.state.account_id == account:
                    yield account_slots(self.ruleset.plan, each.state)

        return others
