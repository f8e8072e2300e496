"""A flow's tests as they are written in its file, read and checked: who, what happens when, what is expected. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

from headwater.accounts.limits import FrequencyCap, Kind, QuietHours
from headwater.core.wall_clock import first_zone, zone
from headwater.events import standard as metrics
from headwater.flows import admission, engine
from headwater.flows.definition import FlowDefinition
from headwater.flows.reading.parts import time_of_day
from headwater.flows.steps import Acting, Email
from headwater.flows.trials.person_changes import (
    Change,
    Consented,
    CouponRedeemed,
    EnteredSegment,
    Joined,
    Left,
    LeftSegment,
    Mailed,
    PropertiesSet,
    Stocked,
)
from headwater.flows.trials.simulation import AGAIN, NO_ADDRESS, RESTARTED, UNSUBSCRIBED, Setting
from headwater.flows.triggers import CallTrigger, DateTrigger, LowStockTrigger, PriceDropTrigger
from headwater.segments import checks
from headwater.segments.language import COLUMNS, CouponState, DefinitionError, Entry, Facts, parse_span
from headwater.segments.parsing import SUPPRESSION_REASONS

TRIGGER = "trigger"
NOT_ENTERED = {
    AGAIN: "again",
    NO_ADDRESS: "no_address",
    engine.FAILED_PROFILE_FILTER: "profile_filters",
    engine.EXIT_EVENT: "exit_on",
    engine.EXIT_CONDITION: "exit_on",
}
"""What tests call the reasons for which nobody enters."""
LEFT = (
    engine.EXIT_EVENT, engine.EXIT_CONDITION, engine.EXIT_STEP, engine.FAILED_PROFILE_FILTER, engine.GOAL_UNMET,
    engine.NOT_RESTOCKED, engine.DATE_CHANGED, UNSUBSCRIBED, RESTARTED, admission.HOLDOUT,
)  # fmt: skip

_LONG_AGO = timedelta(days=365)
_HAPPENS = (
    "metric", "stock", "joins", "leaves", "enters", "exits", "set", "subscribes", "unsubscribes", "redeems", "gets",
)  # fmt: skip
_UNITS = ("minutes", "hours", "days", "weeks")


@dataclass(frozen=True, slots=True)
class Given:
    """An event of the test."""

    at: datetime
    metric: str
    properties: Mapping[str, Any]
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Expected:
    """A step that is taken, at a time if one is given."""

    step: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class End:
    """How it ends: left, completed, not_entered or waiting; why, or where, unless it does not matter."""

    kind: str
    reason: str | None = None


@dataclass(frozen=True)
class FileTest:
    name: str
    known: Facts
    setting: Setting
    events: tuple[Given, ...]
    changes: tuple[tuple[datetime, Change], ...]
    begins: datetime
    until: datetime | None
    expected: tuple[Expected, ...]
    end: End | None
    mentions_acts: bool
    """Steps that change or call something are compared only where a test names one."""


def tests_of(definition: FlowDefinition) -> list[FileTest]:
    """The tests of a flow. Raises DefinitionError with the path of what is wrong: tests[1].events[0].at."""
    return [_Reader(definition, raw, f"tests[{index}]").test() for index, raw in enumerate(definition.tests)]


class _Reader:
    """Reads one test. Everything in it is told from the zone of its person."""

    def __init__(self, definition: FlowDefinition, node: Mapping[str, Any], path: str) -> None:
        self.definition = definition
        self.node = node
        self.path = path
        checks.only(node, ("name", "person", "brand", "events", "from", "until", "expect"), path)
        self.brand = checks.mapping(node.get("brand", {}), f"{path}.brand")
        self.who = checks.mapping(node.get("person", {}), f"{path}.person")
        self.setting = _setting(self.brand, f"{path}.brand")
        self.zone = first_zone(self._timezone(), self.setting.timezone)
        self.begins = self._beginning()

    def test(self) -> FileTest:
        node, path = self.node, self.path
        events: list[Given] = []
        changes: list[tuple[datetime, Change]] = []
        for index, raw in enumerate(node.get("events", [])):
            self._happening(raw, f"{path}.events[{index}]", events, changes)
        expected, end = self._expected(node.get("expect"), f"{path}.expect")
        return FileTest(
            name=checks.text(node.get("name"), f"{path}.name"),
            known=self._person(f"{path}.person"),
            setting=self.setting,
            events=tuple(sorted(events, key=lambda event: event.at)),
            changes=tuple(sorted(changes, key=lambda change: change[0])),
            begins=self.begins,
            until=self._time(node["until"], f"{path}.until") if "until" in node else None,
            expected=expected,
            end=end,
            mentions_acts=any(not isinstance(self.definition.steps[one.step], Email) for one in expected),
        )

    # ── times ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _timezone(self) -> str | None:
        named = self.who.get("timezone")
        if named is not None and (not isinstance(named, str) or zone(named) is None):
            raise DefinitionError(f"{self.path}.person.timezone", "must be an IANA name such as Europe/Berlin")
        return named

    def _beginning(self) -> datetime:
        """The first event's time; in a date flow, when the test's time begins."""
        given = self.node.get("events", [])
        if not isinstance(given, list):
            raise DefinitionError(f"{self.path}.events", "must be a list of what happens")
        if isinstance(self.definition.trigger, DateTrigger):
            if "from" not in self.node:
                raise DefinitionError(f"{self.path}.from", 'says when the test\'s time begins: from: "2026-03-01"')
            return self._time(self.node["from"], f"{self.path}.from")
        if "from" in self.node:
            raise DefinitionError(
                f"{self.path}.from", "goes with a flow that a date starts; the others begin with an event"
            )
        if not given:
            raise DefinitionError(f"{self.path}.events", "needs the event that starts the flow")
        first = checks.mapping(given[0], f"{self.path}.events[0]")
        if "at" not in first:
            raise DefinitionError(f"{self.path}.events[0].at", 'the first event says when: at: "2026-03-02 12:00"')
        return self._time(first["at"], f"{self.path}.events[0].at")

    def _time(self, value: Any, path: str) -> datetime:
        """ "2026-03-02 12:00" by the person's clock, or an instant with its offset."""
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None:
            raise DefinitionError(path, 'must be a time such as "2026-03-02 12:00"')
        return (found.replace(tzinfo=self.zone) if found.tzinfo is None else found).astimezone(UTC)

    def _when(self, node: Mapping[str, Any], path: str) -> datetime | None:
        if "at" in node and "after" in node:
            raise DefinitionError(path, "has either at or after")
        if "at" in node:
            return self._time(node["at"], f"{path}.at")
        return self.begins + _span(node["after"], f"{path}.after") if "after" in node else None

    def _ago(self, tree: Any, path: str) -> datetime:
        node = checks.mapping(tree, path)
        checks.only(node, ("ago", "in"), path)
        if len(node) != 1:
            raise DefinitionError(
                path, "is so long before the first event, {ago: {days: 3}}, or after it, {in: {days: 3}}"
            )
        [(side, span)] = node.items()
        return self.begins + (1 if side == "in" else -1) * _span(span, f"{path}.{side}")

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _person(self, path: str) -> Facts:
        node = self.who
        checks.only(
            node, ("id", "properties", "lists", "segments", "consent", "suppressed", "coupons", "flows", *COLUMNS), path
        )
        for name in COLUMNS:
            if node.get(name) is not None:
                checks.text(node[name], f"{path}.{name}")
        consent = checks.choice(
            node.get("consent", "subscribed"), ("subscribed", "unsubscribed", "never_subscribed"), f"{path}.consent"
        )
        long_ago = self.begins - _LONG_AGO
        decided = consent != "never_subscribed"
        return Facts(
            profile_id=checks.whole(node.get("id", 1), 1, 2**63 - 1, f"{path}.id"),
            attributes={
                "email": "robin@example.com",
                "created_at": long_ago,
                **{name: node[name] for name in COLUMNS if name in node},
            },
            properties=checks.mapping(node.get("properties", {}), f"{path}.properties"),
            lists=self._belongs(node.get("lists", []), f"{path}.lists"),
            segments=self._belongs(node.get("segments", []), f"{path}.segments"),
            consent=consent if decided else None,
            consent_at=long_ago if decided else None,
            consent_method="api" if decided else None,
            suppressions={
                checks.choice(reason, SUPPRESSION_REASONS, f"{path}.suppressed[{index}]"): long_ago
                for index, reason in enumerate(_listed(node.get("suppressed", []), f"{path}.suppressed"))
            },
            consent_required=checks.boolean(
                self.brand.get("require_consent", False), f"{self.path}.brand.require_consent"
            ),
            zone=first_zone(self.setting.timezone),
            coupons=tuple(
                self._coupon(raw, f"{path}.coupons[{index}]")
                for index, raw in enumerate(_listed(node.get("coupons", []), f"{path}.coupons"))
            ),
            entries=tuple(
                self._entry(raw, f"{path}.flows[{index}]", -1 - index)
                for index, raw in enumerate(_listed(node.get("flows", []), f"{path}.flows"))
            ),
        )

    def _belongs(self, tree: Any, path: str) -> dict[int | str, datetime]:
        """Names (since long ago), or names with how long ago."""
        if isinstance(tree, Mapping):
            return {name: self._ago(since, f"{path}.{name}") for name, since in tree.items()}
        return {
            checks.reference(name, "a name", f"{path}[{index}]"): self.begins - _LONG_AGO
            for index, name in enumerate(_listed(tree, path))
        }

    def _coupon(self, tree: Any, path: str) -> CouponState:
        node = checks.mapping(tree, path)
        checks.only(node, ("name", "assigned", "expires", "redeemed"), path)
        name = checks.text(node.get("name"), f"{path}.name")
        assigned = self._ago(node.get("assigned"), f"{path}.assigned")
        plan = next((plan for plan in self.definition.coupons if plan.name == name), None)
        expires = assigned + plan.expires_after if plan is not None and plan.expires_after is not None else None
        if "expires" in node:
            expires = self._ago(node["expires"], f"{path}.expires")
        redeemed = self._ago(node["redeemed"], f"{path}.redeemed") if "redeemed" in node else None
        return CouponState(name, name, assigned, expires, redeemed)

    def _entry(self, tree: Any, path: str, number: int) -> Entry:
        node = checks.mapping(tree, path)
        checks.only(node, ("flow", "entered"), path)
        return Entry(
            checks.text(node.get("flow"), f"{path}.flow"), self._ago(node.get("entered"), f"{path}.entered"), number
        )

    # ── what happens ────────────────────────────────────────────────────────────────────────────────────────────────
    def _happening(self, tree: Any, path: str, events: list[Given], changes: list[tuple[datetime, Change]]) -> None:
        node = checks.mapping(tree, path)
        kinds = [kind for kind in _HAPPENS if kind in node]
        if len(kinds) != 1:
            raise DefinitionError(path, f"what happens is exactly one of {', '.join(_HAPPENS)}")
        kind = kinds[0]
        checks.only(node, ("at", "after", kind, *(("properties", "value") if kind == "metric" else ())), path)
        at = self._when(node, path)
        if at is None:
            raise DefinitionError(path, "says when: at, or after (the first event)")
        if kind == "metric":
            events.append(self._event(node, path, at))
            return
        changes.append((at, _CHANGES[kind](node[kind], f"{path}.{kind}")))
        if kind in ("enters", "exits"):
            metric = metrics.ENTERED_SEGMENT if kind == "enters" else metrics.LEFT_SEGMENT
            named = node[kind]
            properties = {"segment_id": named} if isinstance(named, int) else {"segment": named}
            events.append(Given(at, metric, properties, None))

    def _event(self, node: Mapping[str, Any], path: str, at: datetime) -> Given:
        metric = checks.text(node["metric"], f"{path}.metric")
        properties = checks.mapping(node.get("properties", {}), f"{path}.properties")
        directed = isinstance(self.definition.trigger, PriceDropTrigger | LowStockTrigger | CallTrigger)
        if directed and metric == self.definition.trigger_metric:
            properties = {"flow": self.definition.slug, **properties}
        value = checks.number(node["value"], f"{path}.value") if node.get("value") is not None else None
        return Given(at, metric, properties, value)

    # ── what is expected ────────────────────────────────────────────────────────────────────────────────────────────
    def _expected(self, tree: Any, path: str) -> tuple[tuple[Expected, ...], End | None]:
        steps: list[Expected] = []
        end: End | None = None
        for index, raw in enumerate(_listed(tree, path)):
            here = f"{path}[{index}]"
            node = checks.mapping(raw, here)
            if end is not None:
                raise DefinitionError(here, "comes after the end")
            if "email" in node or "done" in node:
                steps.append(self._step(node, here))
            else:
                end = self._end(node, here)
        return tuple(steps), end

    def _step(self, node: Mapping[str, Any], path: str) -> Expected:
        side = "email" if "email" in node else "done"
        checks.only(node, (side, "at", "after"), path)
        named = checks.text(node[side], f"{path}.{side}")
        step = self.definition.steps.get(named)
        if not (isinstance(step, Email) if side == "email" else isinstance(step, Acting)):
            what = "an email" if side == "email" else "a step that changes or calls something"
            raise DefinitionError(f"{path}.{side}", f"{named} is not the id of {what} in this flow")
        return Expected(named, self._when(node, path))

    def _end(self, node: Mapping[str, Any], path: str) -> End:
        kinds = ("left", "completed", "not_entered", "waiting")
        if len(node) != 1 or next(iter(node)) not in kinds:
            raise DefinitionError(path, f"is an email, done, or the end: one of {', '.join(kinds)}")
        [(kind, said)] = node.items()
        here = f"{path}.{kind}"
        if said is True:
            return End(kind)
        match kind:
            case "left":
                return End(kind, checks.choice(said, LEFT, here))
            case "not_entered":
                return End(kind, checks.choice(said, (*dict.fromkeys(NOT_ENTERED.values()), TRIGGER), here))
            case "waiting":
                return End(kind, checks.choice(said, tuple(self.definition.steps), here))
        raise DefinitionError(here, "is completed: true")


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _listed(value: Any, path: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise DefinitionError(path, "must be a list")
    return value


def _span(value: Any, path: str) -> timedelta:
    """A span that may be nothing: {hours: 0}."""
    node = checks.mapping(value, path)
    if node and all(unit in _UNITS and amount == 0 for unit, amount in node.items()):
        return timedelta(0)
    return parse_span(node, path)


def _setting(node: Mapping[str, Any], path: str) -> Setting:
    """The settings of the brand that matter, under the names that they have in the API."""
    checks.only(node, ("timezone", "smart_sending_hours", "quiet_hours", "frequency_caps", "require_consent"), path)
    timezone = node.get("timezone", "UTC")
    if not isinstance(timezone, str) or zone(timezone) is None:
        raise DefinitionError(f"{path}.timezone", "must be an IANA name such as Europe/Berlin")
    return Setting(
        timezone=timezone,
        smart_sending=timedelta(
            hours=checks.whole(node.get("smart_sending_hours", 16), 0, 1000, f"{path}.smart_sending_hours")
        ),
        quiet_hours=_quiet(node["quiet_hours"], f"{path}.quiet_hours") if "quiet_hours" in node else None,
        frequency_caps=tuple(
            _cap(raw, f"{path}.frequency_caps[{index}]")
            for index, raw in enumerate(_listed(node.get("frequency_caps", []), f"{path}.frequency_caps"))
        ),
        spread=False,
    )


def _quiet(tree: Any, path: str) -> QuietHours:
    node = checks.mapping(tree, path)
    checks.only(node, ("from", "to"), path)
    start, end = (time_of_day(node.get(key), f"{path}.{key}") for key in ("from", "to"))
    try:
        return QuietHours(start, end)
    except ValueError as error:
        raise DefinitionError(path, str(error)) from None


def _cap(tree: Any, path: str) -> FrequencyCap:
    node = checks.mapping(tree, path)
    checks.only(node, ("kind", "at_most", "days"), path)
    kind = checks.choice(node.get("kind", "any"), get_args(Kind), f"{path}.kind")
    at_most = checks.whole(node.get("at_most"), 1, 100, f"{path}.at_most")
    return FrequencyCap(kind, at_most, checks.whole(node.get("days"), 1, 90, f"{path}.days"))  # type: ignore[arg-type]


def _stock(tree: Any, path: str) -> Stocked:
    node = checks.mapping(tree, path)
    checks.only(node, ("product_id", "variant_id", "to"), path)
    if ("product_id" in node) is ("variant_id" in node):
        raise DefinitionError(path, "names a product_id or a variant_id, and how many there are: to: 5")
    named = "product_id" if "product_id" in node else "variant_id"
    product = str(checks.scalar(node[named], f"{path}.{named}"))
    return Stocked(product, checks.whole(node.get("to"), 0, 2**31, f"{path}.to"))


def _true(change: Change) -> Callable[[Any, str], Change]:
    def read(value: Any, path: str) -> Change:
        if value is not True:
            raise DefinitionError(path, "is true, or left out")
        return change

    return read


def _set(tree: Any, path: str) -> PropertiesSet:
    return PropertiesSet(dict(checks.mapping(tree, path)))


_CHANGES: Mapping[str, Callable[[Any, str], Change]] = {
    "stock": _stock,
    "joins": lambda value, path: Joined(checks.reference(value, "a list's name or id", path)),
    "leaves": lambda value, path: Left(checks.reference(value, "a list's name or id", path)),
    "enters": lambda value, path: EnteredSegment(checks.reference(value, "a segment's name or id", path)),
    "exits": lambda value, path: LeftSegment(checks.reference(value, "a segment's name or id", path)),
    "set": _set,
    "subscribes": _true(Consented("subscribed")),
    "unsubscribes": _true(Consented("unsubscribed")),
    "redeems": lambda value, path: CouponRedeemed(checks.text(value, path)),
    "gets": lambda value, path: Mailed(checks.choice(value, ("campaign", "flow"), path)),  # type: ignore[arg-type]
}
