"""The numbers of a flow as people read them: every step in order and in words, rates, how its tests stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg import Connection

from headwater.delivery.results import StepResults
from headwater.flows import live, numbers, winners
from headwater.flows.editing import versions
from headwater.flows.errors import FlowError
from headwater.flows.experiment import chances
from headwater.flows.live import Flow
from headwater.flows.numbers import FlowNumbers, StepNumbers
from headwater.flows.steps import AbTest, Winner
from headwater.flows.wording import step_words

GONE = "no longer in the flow"


@dataclass(frozen=True, slots=True)
class Rates:
    """From 0 to 1, over what was delivered; bounces over what was sent. None: there was nothing."""

    opened: float | None
    clicked: float | None
    converted: float | None
    unsubscribed: float | None
    complained: float | None
    bounced: float | None


@dataclass(frozen=True, slots=True)
class Variation:
    """One email of a test, by what counts for it."""

    step: str
    share: Decimal
    sent: int
    hits: int
    chance: float
    """How likely it is the best of them, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The variation that everybody gets since then, and how likely it was the best (0 to 1)."""

    variation: str
    decided_at: datetime
    chance: float
    by_time: bool
    """The time was over before the numbers were certain."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """How an A/B test stands in the span that was asked for."""

    by: str
    variations: tuple[Variation, ...]
    winner: Decision | None


@dataclass(frozen=True, slots=True)
class StepFigures:
    step: str
    words: str
    numbers: StepNumbers
    test: Experiment | None = None


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """A flow, its steps in the order of the definition; those that it no longer has come last."""

    flow: Flow
    numbers: FlowNumbers
    emails: StepResults
    """Of all steps together."""
    steps: tuple[StepFigures, ...]


def of_flow(conn: Connection, workspace_id: int, slug: str, since: datetime, until: datetime) -> FlowFigures:
    """The figures of [since, until), and who waits now. Raises UnknownFlow, or FlowError if it was never published."""
    versions.find(conn, workspace_id, slug)
    flow = live.by_slug(conn, workspace_id, slug)
    if flow is None:
        raise FlowError("", "the flow has not been published yet")
    found = numbers.of_flow(conn, workspace_id, flow.id, since, until)
    decided = _decided(conn, workspace_id, flow.id)
    steps = flow.definition.steps
    known = {
        step_id: StepFigures(
            step_id,
            step_words(flow.definition, step),
            found.steps.get(step_id, StepNumbers()),
            _test(step, found, decided.get(step_id)) if isinstance(step, AbTest) else None,
        )
        for step_id, step in steps.items()
    }
    gone = [StepFigures(step_id, GONE, of) for step_id, of in sorted(found.steps.items()) if step_id not in steps]
    emails = total(one.results for one in found.steps.values() if one.results is not None)
    return FlowFigures(flow, found, emails, (*known.values(), *gone))


def rates(results: StepResults) -> Rates:
    """What part of the emails came to what."""
    over = results.delivered
    return Rates(
        opened=_part(results.opened, over),
        clicked=_part(results.clicked, over),
        converted=_part(results.converted, over),
        unsubscribed=_part(results.unsubscribed, over),
        complained=_part(results.complained, over),
        bounced=_part(results.bounced, results.sent),
    )


def _part(count: int, of: int) -> float | None:
    return round(count / of, 4) if of else None


def total(several: Iterable[StepResults]) -> StepResults:
    """All of these together."""
    whole, skipped = StepResults(), Counter[str]()
    counts = [name for name in StepResults.__dataclass_fields__ if name != "skipped"]
    for one in several:
        for name in counts:
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
        skipped.update(one.skipped)
    whole.skipped = dict(skipped)
    return whole


def _test(step: AbTest, found: FlowNumbers, decision: Decision | None) -> Experiment:
    by = (step.winner or Winner()).by
    shown = {email: found.steps.get(email, StepNumbers()).results for email, _ in step.variations}
    tallies = {email: winners.tally_of(by, results) for email, results in shown.items()}
    odds = chances(tallies)
    variations = tuple(
        Variation(email, share, tallies[email].sent, tallies[email].hits, round(odds[email], 4))
        for email, share in step.variations
    )
    return Experiment(by, variations, decision)


def _decided(conn: Connection, workspace_id: int, flow_id: int) -> Mapping[str, Decision]:
    # The tests of the flow that are over. By primary key.
    rows = conn.execute(
        """
        SELECT step, variation, decided_at, detail
        FROM flow_winner
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
        """,
        {"workspace": workspace_id, "flow": flow_id},
    ).fetchall()
    return {
        step: Decision(variation, at, float(detail.get("probability", 0)), bool(detail.get("by_time")))
        for step, variation, at, detail in rows
    }
