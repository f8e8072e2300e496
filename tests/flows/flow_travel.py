"""One person's whole way through a flow in memory, as the processor and the runner would take them along.

What happens is heard of when it arrives, wakes who listens, and a late runner comes to it later. Every turn of the
engine is kept with all that it was given, so that properties can be asked of it afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from headwater.events import standard as metrics
from headwater.flows import acts
from headwater.flows.definition import FlowDefinition
from headwater.flows.due import Columns, columns_of
from headwater.flows.effects import Enrolment, Known, Wait
from headwater.flows.engine import advance
from headwater.flows.listening import PERSON
from headwater.flows.steps import AbTest, BackInStock, ChangeList, Countdown, IssueCoupon, UpdateProfile
from headwater.segments.language import CouponState, Entry, Facts, Happening, Total, matches
from tests.flows.flow_turns import Journey, Turn
from tests.flows.flow_worlds import CODE, DAY, HOUR, News, World

MOST_TURNS = 400
ENROLMENT = 7


class Life:
    """The person as they are known at one moment."""

    def __init__(self, world: World, trigger_metric: str | None) -> None:
        self.world = world
        self.properties = dict(world.properties)
        self.sides = {"consent": True, "list": world.member, "segment": world.member}
        self.events: list[tuple[str, Happening]] = []
        self.codes: list[CouponState] = []
        if world.code is not None:
            self.codes.append(CouponState(CODE, "first", world.start - HOUR, world.start + world.code))
        if trigger_metric is not None:
            self.events.append((trigger_metric, Happening(world.start, Decimal(5), world.trigger)))

    def hear(self, news: News) -> None:
        at = self.world.start + news.after
        self.properties |= news.sets
        if news.turns is not None:
            self.sides[news.turns] = not self.sides[news.turns]
        if news.metric is not None:
            self.events.append((news.metric, Happening(at, Decimal(10), news.properties)))
        if news.metric == metrics.PLACED_ORDER:
            self.codes = [replace(code, redeemed_at=code.redeemed_at or at) for code in self.codes]
        if news.metric == metrics.COUPON_ASSIGNED:
            self.give(at)

    def give(self, at: datetime) -> None:
        self.codes.append(CouponState(CODE, f"code-{len(self.codes)}", at, at + 2 * DAY))

    def facts(self) -> Facts:
        events: dict[str, list[Happening]] = {}
        for metric, happening in self.events:
            events.setdefault(metric, []).append(happening)
        joined = {"Newsletter": self.world.start - DAY} if self.sides["list"] else {}
        return Facts(
            self.world.profile_id,
            {"email": "p@example.com", "timezone": self.world.zone},
            dict(self.properties),
            {metric: _total(found) for metric, found in events.items()},
            events,
            joined,
            {"VIP": self.world.start - DAY} if self.sides["segment"] else {},
            "subscribed" if self.sides["consent"] else "unsubscribed",
            coupons=tuple(self.codes),
            entries=(Entry("another", self.world.start - 2 * DAY, 3), Entry("drawn", self.world.start, ENROLMENT)),
        )


def _total(found: list[Happening]) -> Total:
    times = [one.ts for one in found]
    return Total(len(found), sum((one.value or Decimal(0) for one in found), Decimal(0)), min(times), max(times))


class Traveller:
    """Lives through a world, and is taken along."""

    def __init__(
        self,
        definition: FlowDefinition,
        world: World,
        *,
        late: bool = True,
        looks: bool = True,
        placed: timedelta | None = None,
    ) -> None:
        """`late`: the runner comes as late as the world says; `looks`: somebody looks at whom the news matters to;
        `placed`: the person is put where they would be, so long after the start."""
        self.journey = Journey(definition)
        self.definition = definition
        self.world = world
        self.looks = looks
        self.life = Life(world, definition.trigger_metric)
        self.lags = world.lags if late else (timedelta(0),)
        arrivals = ((world.start + one.after + one.late, one) for one in world.news)
        self.coming: list[tuple[datetime, News | None]] = sorted(arrivals, key=lambda one: one[0])
        self.coming += [(world.start + after, None) for after in world.peeks if looks and after > timedelta(0)]
        self.coming.sort(key=lambda one: one[0])
        self.states: dict[str, tuple[datetime, str]] = {}  # of messages: when they are settled, and how
        self.now = world.start + (placed or timedelta(0))
        self.placing = placed is not None
        self.row = Columns("waiting", wake_at=world.start)
        self.stands_by: Wait | None = None
        self.held_since = world.start
        self.wakes = self.held = self.given = 0
        while self.coming and self.coming[0][0] <= self.now:
            news = self.coming.pop(0)[1]
            if news is not None:
                self.life.hear(news)

    # ── the clock ───────────────────────────────────────────────────────────────────────────────────────────────────
    def travel(self) -> Journey:
        """To the end; AssertionError if there is none."""
        while self.row.state == "waiting":
            assert len(self.journey.turns) < MOST_TURNS, "the walk does not end"
            if self.placing:
                self._turn("placing")
                self.placing = False
                continue
            arrives = self.coming[0][0] if self.coming else None
            decides = self._decision()
            wakes = self._wake()
            at = min(moment for moment in (arrives, decides, wakes) if moment is not None)
            self.now = max(self.now, at)
            if at == arrives:
                self._arrive(self.coming.pop(0)[1])
            elif at == decides:
                self._decide()
            else:
                self.wakes += 1
                self._turn("wake")
        return self.journey

    def _wake(self) -> datetime | None:
        lag = self.lags[self.wakes % len(self.lags)]
        return self.row.wake_at + lag if self.row.wake_at is not None else None

    def _decision(self) -> datetime | None:
        """When the team decides about who is held, or the product is in stock again."""
        if self.row.held == "review":
            return self.held_since + self.world.reviews[self.held % len(self.world.reviews)][0]
        if self.row.held == "stock" and self.world.restock is not None:
            return max(self.now, self.world.start + self.world.restock)
        return None

    def _decide(self) -> None:
        held = "released"
        if self.row.held == "review":
            held = self.world.reviews[self.held % len(self.world.reviews)][1]
            self.held += 1
        self.row = replace(self.row, held=held, wake_at=self.now)

    # ── what arrives ────────────────────────────────────────────────────────────────────────────────────────────────
    def _arrive(self, news: News | None) -> None:
        if news is None:
            self._turn("peek")
            return
        before = self.life.facts()
        self.life.hear(news)
        if not self.looks:
            return
        if self._ends(news):
            self._turn("exit", news=news)
        elif self.row.wake_at is None or self.row.wake_at > self.now:
            if self._listens(news):
                self.row = replace(self.row, due_at=self.row.due_at or self.row.wake_at, wake_at=self.now)
            else:
                place, known = self._place(), self._known()
                outcome = advance(self.definition, place, known, self.now)
                self.journey.asked.append(
                    Turn("unheard", place, known, self.now, outcome, self.stands_by, news, before)
                )

    def _ends(self, news: News) -> bool:
        """As `exits.close` closes: an event alone decides."""
        at = self.world.start + news.after
        return any(
            one.event.metric == news.metric
            and matches(one.event.where, news.properties, 10)
            and (at > self.world.start or at == self.world.start and news.metric != self.definition.trigger_metric)
            for one in self.definition.exit_on
            if one.direct and one.event is not None
        )

    def _listens(self, news: News) -> bool:
        """As `waking` finds whom to look at."""
        changed = {"segment": (metrics.ENTERED_SEGMENT, metrics.LEFT_SEGMENT)}.get(news.turns or "", (PERSON,))
        heard = (news.metric,) if news.metric is not None else changed
        return any(
            one.metric in heard
            and (news.metric is None or matches(one.where, news.properties, 10))
            and (one.steps is None or (self.row.step or self.definition.first) in one.steps)
            for one in self.definition.listening
        )

    # ── a turn ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def _turn(self, why: str, **more: Any) -> None:
        place, known = self._place(), self._known()
        outcome = advance(self.definition, place, known, self.now)
        self.journey.turns.append(Turn(why, place, known, self.now, outcome, self.stands_by, **more))
        for intent in outcome.intents:
            if intent.skip is None:
                self._send(intent.step.id)
        for act in outcome.acts:
            self._do(act.step)
        self.row = columns_of(outcome.end)
        if isinstance(outcome.end, Wait):
            self.held_since = self.now if self.stands_by != outcome.end else self.held_since
            self.stands_by = outcome.end

    def _place(self) -> Enrolment:
        row, world = self.row, self.world
        due_at = row.due_at or row.wake_at
        assert due_at is not None
        trigger = {"properties": world.trigger, "value": 5.0, "day": world.properties.get("renewal", "2026-03-04")[:10]}
        return Enrolment(
            ENROLMENT, world.profile_id, world.start, due_at, row.step, trigger, row.since, row.held, self.placing
        )

    def _known(self) -> Known:
        step = self.definition.steps.get(self.row.step or self.definition.first)
        messages = {
            email: state if settled <= self.now else "planned" for email, (settled, state) in self.states.items()
        }
        return Known(
            self.life.facts(),
            "Europe/Berlin",
            messages if isinstance(step, Countdown) else None,
            self._winners(),
            in_stock=self._stock() if isinstance(step, BackInStock) else None,
        )

    def _winners(self) -> Mapping[str, str]:
        tests = (step for step in self.definition.steps.values() if isinstance(step, AbTest) and self.world.won)
        return {test.id: test.variations[-1][0] for test in tests}

    def _stock(self) -> frozenset[str]:
        there = self.world.stocked or (
            self.world.restock is not None and self.now >= self.world.start + self.world.restock
        )
        return frozenset(["p1"]) if there else frozenset()

    def _send(self, email: str) -> None:
        settled = self.now + self.world.settles
        self.states[email] = settled, "sent"
        gives = self.world.emails_give[self.given % len(self.world.emails_give)]
        self.given += 1
        if gives:
            self.coming.append((settled, News(settled - self.world.start, metrics.COUPON_ASSIGNED)))
            self.coming.sort(key=lambda one: one[0])

    def _do(self, step: Any) -> None:
        match step:
            case UpdateProfile():
                trigger = {"properties": self.world.trigger}
                said = acts.changed(step, self.life.properties, trigger, self.now.date().isoformat())
                self.life.properties |= said
            case ChangeList():
                self.life.sides["list"] = step.add
            case IssueCoupon():
                self.life.give(self.now)


def travel(definition: FlowDefinition, world: World, **how: Any) -> Journey:
    """The whole way of the world's person through a flow."""
    return Traveller(definition, world, **how).travel()
