"""Why a flow does not want one of its emails to go any more: asked when it is about to leave. Pure.

The first no counts: how the enrolment ended, the exits, the flow's filters, its goals, whom the trigger goes on to
mean, then the email's own filters. Shared by the gate (`source`) and by those who only simulate it (`simulation`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from headwater.delivery.reasons import Reason
from headwater.flows import engine
from headwater.flows.definition import FlowDefinition
from headwater.flows.effects import Enrolment, Known
from headwater.flows.steps import Email
from headwater.segments.language import Condition, Facts, evaluate

LATEST = timedelta(hours=24)
"""An email that could not be tried for so long (a stopped instance, a paused flow) has lost its occasion."""

_ENDED = {
    engine.EXIT_EVENT: Reason.FAILED_EXIT_CONDITION,
    engine.EXIT_CONDITION: Reason.FAILED_EXIT_CONDITION,
    engine.DATE_CHANGED: Reason.FAILED_EXIT_CONDITION,
    engine.FAILED_PROFILE_FILTER: Reason.FAILED_FLOW_FILTERS,
    engine.PROFILE_DELETED: Reason.PERSON_DELETED,
    "unsubscribed": Reason.UNSUBSCRIBED,
    "merged_away": Reason.MERGED_AWAY,
    "flow_archived": Reason.FLOW_ARCHIVED,
}
_STILL_SENDS = frozenset({engine.EXIT_STEP, engine.GOAL_UNMET})
"""Ends that the flow comes to by itself: what it planned before goes out."""

Refused = tuple[Reason, str | Condition | None]
"""The reason, and for people what was in the way: a condition (to be described), an event, a goal."""


def by_end(reason: str | None) -> Refused | None:
    """Of someone who left early, for this reason (None: still on their way, or through to the end)."""
    if reason is None or reason in _STILL_SENDS:
        return None
    return _ENDED.get(reason, Reason.CANCELLED), reason


def by_rules(definition: FlowDefinition, refused: tuple[str, str]) -> Refused:
    """What `engine.refusal` said, as a message's reason."""
    reason, what = refused
    if reason == engine.FAILED_PROFILE_FILTER:
        return Reason.FAILED_FLOW_FILTERS, definition.profile_filters
    return Reason.FAILED_EXIT_CONDITION, what


def by_email(
    definition: FlowDefinition, email: Email, enrolment: Enrolment, asked: Facts, brand_timezone: str, now: datetime
) -> Refused | None:
    """What is asked of one email, once exits and filters let its person go on. `asked` carry the enrolment's place."""
    if engine.date_moved(definition, enrolment, Known(asked, brand_timezone)):
        return Reason.FAILED_EXIT_CONDITION, "the date has changed"
    met = next((goal.id for goal in definition.goals_ahead(email.id) if evaluate(goal.condition, asked, now)), None)
    if met is not None:
        return Reason.GOAL_REACHED, met
    if definition.audience is not None and not evaluate(definition.audience, asked, now):
        return Reason.NOT_IN_AUDIENCE, definition.audience
    if email.filters is not None and not evaluate(email.filters, asked, now):
        return Reason.FAILED_ADDITIONAL_FILTERS, email.filters
    return None
