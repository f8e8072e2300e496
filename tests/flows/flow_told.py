"""A flow told once more as a plain story: where only time and events decide, who gets what, and when.

It knows the tree as written and all that will happen, and no engine: no table of steps, no turns, no waiting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from headwater.core.wall_clock import first_zone, instant
from headwater.flows.delays import Span, ends
from headwater.segments.language import in_sample
from tests.flows.flow_worlds import World

BRAND = "Europe/Berlin"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class Story:
    """What comes of it: each email (by its file) and each call, with its moment."""

    world: World
    slug: str
    emails: list[tuple[str, datetime]] = field(default_factory=list)
    calls: list[datetime] = field(default_factory=list)

    def tell(self, nodes: list[Any], at: datetime) -> datetime | None:
        """Through these steps, from a moment on: when they are done; None: the flow has ended."""
        for node in nodes:
            done = self._step({"exit": {}} if node == "exit" else node, at)
            if done is None:
                return None
            at = done
        return at

    def _step(self, node: dict[str, Any], at: datetime) -> datetime | None:
        if "exit" in node:
            return None
        if node.get("status") == "draft":
            return at
        if "email" in node:
            self.emails.append((node["email"].removesuffix(".mjml"), at))
        elif "webhook" in node:
            self.calls.append(at)
        elif "delay" in node:
            return self._countdown(node["delay"], at) if "date" in node["delay"] else self._delay(node["delay"], at)
        elif "if_event" in node:
            return self.tell(node["then"] if self._event_passes(node["if_event"]) else node["else"], at)
        elif "random" in node:
            return self.tell(self._share(node["random"], f"{self.slug}:{node['id']}"), at)
        else:
            return self._wait(node, at)
        return at

    def _share(self, branches: list[dict[str, Any]], salt: str) -> list[Any]:
        reached = accumulate(branch["share"] for branch in branches)
        return next(
            branch["then"]
            for most, branch in zip(reached, branches, strict=True)
            if in_sample(self.world.profile_id, most, salt)
        )

    def _event_passes(self, asked: dict[str, Any]) -> bool:
        event = self.world.trigger
        if "is_set" in asked:
            return asked["property"] in event
        return event.get(asked["property"], 0) >= asked["at_least"]

    def _delay(self, delay: dict[str, Any], at: datetime) -> datetime:
        days = delay.get("days", 0) + 7 * delay.get("weeks", 0)
        rest = timedelta(hours=delay.get("hours", 0), minutes=delay.get("minutes", 0))
        until = time.fromisoformat(delay["until"]) if "until" in delay else None
        weekdays = frozenset(_DAYS.index(day) for day in delay.get("weekdays", ()))
        span = Span(days, rest, until, weekdays, delay.get("timezone", "profile"))
        return ends(span, at, self.world.zone, BRAND)

    def _countdown(self, delay: dict[str, Any], at: datetime) -> datetime:
        value = self.world.properties.get(delay["date"])
        if value is None:
            return at
        zone = first_zone(delay.get("timezone", self.world.zone), BRAND)
        day = _day_of(value, zone) - timedelta(days=delay["before"].get("days", 0))
        asked = time.fromisoformat(delay.get("until", "00:00"))
        return max(at, instant(day, asked, zone) - timedelta(hours=delay["before"].get("hours", 0)))

    def _wait(self, node: dict[str, Any], at: datetime) -> datetime | None:
        """The first of what ends the wait: a branch's event, or the end of the time, which some events move on."""
        within = timedelta(**node["within"])
        due, counts_from = at + within, self.world.start if node.get("count_past") else at
        # What happened in the very moment that the flow started, and is called like its trigger, is that event itself.
        heard = [one for one in self.world.news if one.after or one.metric != "Viewed Product"]
        for news in sorted(heard, key=lambda one: one.after):
            ts = self.world.start + news.after
            if ts < counts_from or ts > due:
                continue
            same = [one for one in heard if one.after == news.after]
            for branch in node["wait_for"]:
                if any(self._fits(branch, one) for one in same):
                    return self.tell(branch["then"], max(at, ts))
            if ts > at and any(self._fits(reset, news) for reset in node.get("reset_on", ())):
                due = ts + within
        return self.tell(node["else"], due)

    def _fits(self, asked: Any, news: Any) -> bool:
        if isinstance(asked, str):
            return bool(asked == news.metric)
        if asked["metric"] != news.metric:
            return False
        for test in asked.get("where", ()):
            held = news.properties[test["property"]]
            if "at_least" in test and held < test["at_least"]:
                return False
            if "equals" in test and held != self.world.trigger.get(test["equals"]["event"]):
                return False
        return True


def _day_of(value: str, zone: ZoneInfo) -> date:
    if len(value) == 10:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value).astimezone(UTC).astimezone(zone).date()


def told(tree: dict[str, Any], world: World) -> Story:
    story = Story(world, tree["flow"])
    story.tell(tree["steps"], world.start)
    return story
