"""Generated flow files: what hypothesis draws from when it holds the published schema and the parser together."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import strategies as st

from headwater.flows.reading.tree import rewritten
from tests.flows.ended_ways import up_to_the_end
from tests.segments import generated

Drawn = st.SearchStrategy[Any]

SHARES = [[100], [50, 50], [33.33, 33.33, 33.34], [10, 20.5, 69.5]]
spans = st.sampled_from([{"days": 3}, {"hours": 1, "minutes": 30}, {"weeks": 2}, {"minutes": 0.5}])
times = st.sampled_from(["10:00", "9:05", "23:59:30"])
zones = st.sampled_from(["profile", "Europe/Berlin", "UTC"])
weekdays = st.lists(st.sampled_from(["monday", "sunday"]), max_size=2)
references = st.one_of(st.just("VIP customers"), st.integers(1, 99))
words = st.sampled_from(["In words", "", None, 7, True])
statuses = st.sampled_from(["live", "draft", "manual"])
of_event = st.builds(
    lambda operator: {"property": "order_id", operator: {"event": "order_id"}},
    st.sampled_from(["equals", "not_equals"]),
)
own_filters = st.one_of(generated.where, st.lists(generated.where, max_size=2))
filters = st.one_of(own_filters, of_event, of_event.map(lambda one: {"not": one}))
conditions = st.one_of(
    generated.definitions,
    filters.map(lambda where: {"metric": "Placed Order", "where": where, "since": "flow-start"}),
    st.sampled_from([{"coupon": "TEN", "state": "valid"}, {"not_in_flow": "another"}, [{"can_receive": True}], []]),
)


def some(**optional: Drawn) -> Drawn:
    """An object with any of these keys."""
    return st.fixed_dictionaries({}, optional=optional)


def having(needed: dict[str, Drawn], **optional: Drawn) -> Drawn:
    """An object with these keys, and any of those."""
    return st.fixed_dictionaries(needed, optional=optional)


own_where = st.one_of(own_filters, st.none())
occurrences = st.one_of(
    st.just("Placed Order"), having({"metric": st.just("Placed Order")}, where=st.one_of(filters, st.none()))
)

# ── the head ────────────────────────────────────────────────────────────────────────────────────────────────────────
dates = st.builds(
    lambda side, more: {"date": "birthday", **side, **more},
    st.sampled_from([{}, {"before": {"days": 7}}, {"after": {"weeks": 1}}]),
    some(repeat=st.sampled_from(["once", "yearly", "monthly"]), at=times, timezone=zones),
)
shoppers = {
    "audience": st.lists(st.sampled_from(["viewed", "cart", "checkout"]), min_size=1, max_size=3),
    "within": spans,
    "where": own_where,
}
TRIGGERS: dict[str, Drawn] = {
    "metric": having({"metric": st.just("Viewed Product")}, where=own_where),
    "list": references.map(lambda named: {"list": named}),
    "segment": having({"segment": references}, on=st.sampled_from(["entered", "left"]), stay=st.booleans()),
    "date": dates,
    "price_drop": having({"price_drop": st.sampled_from([{"percent": 10}, {"amount": 2.5}])}, **shoppers),
    "low_stock": having({"low_stock": st.sampled_from([{"at_most": 1}, {"at_most": 500}])}, **shoppers),
    "call": st.sampled_from([{"api": {}}, {"manual": {}}]),
}
again = st.one_of(st.sampled_from(["never", "always"]), spans.map(lambda span: {"after": span}))
entries = some(again=again, holdout=st.sampled_from([0, 12.5, 90]))
keyed = having({"key": st.sampled_from(["cart_id", "cart.id"])}, merge=st.sampled_from(["ignore", "restart"]))
coupons = st.dictionaries(
    st.sampled_from(["TEN", "BROWSE10"]),
    st.builds(
        lambda kind, more: {**kind, **more},
        st.sampled_from(
            [{"kind": "static", "code": "TEN"}, {"kind": "generated", "prefix": "B"}, {"kind": "pool", "code": "x"}]
        ),
        some(expires_after=spans),
    ),
    max_size=2,
)
windows = st.builds(
    lambda hours, days: {**hours, **days},
    st.sampled_from([{"from": "09:00", "to": "18:00"}, {"from": "22:00", "to": "6:00"}]),
    some(weekdays=weekdays),
)
# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────
utm = st.one_of(st.none(), st.dictionaries(st.sampled_from(["utm_campaign", "a"]), words, max_size=2))
emails = having(
    {"email": st.just("a.mjml")},
    name=st.just("A name"),
    template_id=st.sampled_from([None, 7]),
    smart_sending=st.booleans(),
    transactional=st.booleans(),
    filters=st.one_of(conditions, st.none()),
    utm=utm,
    status=statuses,
)
shares = st.sampled_from(SHARES[1:])
winners = some(
    by=st.sampled_from(["clicks", "opens", "orders"]),
    certainty=st.sampled_from([51, 99.9]),
    at_least=st.integers(1, 9),
    after=spans,
)
ab_tests = st.builds(
    lambda split, email, more: {"ab_test": [{**email, "share": share} for share in split], **more},
    shares,
    emails,
    some(winner=st.one_of(winners, st.none())),
)
delays = st.one_of(
    st.sampled_from([{"days": 1}, {"hours": 0.5, "minutes": 0}, {"weeks": 1, "days": 0}, {"days": 1, "hours": 2}]),
    st.builds(
        lambda amount, until, more: {**amount, "until": until, **more},
        st.sampled_from([{}, {"days": 2}, {"hours": 5}, {"weeks": 1, "minutes": 0}]),
        times,
        some(weekdays=weekdays, timezone=zones),
    ),
    st.just({"weekdays": ["friday"]}),
    spans.map(lambda span: {"before": span, "expiry_of": "TEN"}),
    having({"date": st.just("renewal"), "before": st.one_of(spans, st.just({"days": 0}))}, until=times, timezone=zones),
)
values = st.sampled_from(["gold", "", 7, 2.5, True, {"date": "today"}, {"event": "items[].id"}, ["a", 1]])
changes = st.builds(
    lambda first, more: {**first, **more},
    st.dictionaries(st.sampled_from(["plan", "country"]), values).map(lambda held: {"set": held}),
    some(
        unset=st.lists(st.sampled_from(["plan", "first_name"]), max_size=2),
        add_to=st.just({"tags": "vip"}),
        remove_from=st.just({"tags": 7}),
    ),
)
webhooks = having(
    {"url": st.sampled_from(["https://example.com/hook?a=1", "http://127.0.0.1:8080", "HTTPS://[::1]/x"])},
    headers=st.just({"X-Token": "secret"}),
    body=st.sampled_from([{"email": "{{ email }}"}, [1, None], "text", None]),
)
notices = having(
    {"to": st.sampled_from(["a@example.com", ["a@example.com", "b@example.com"]]), "subject": st.just("Hello")},
    text=st.sampled_from(["", "{{ event.value }}"]),
)
ACTING: dict[str, Drawn] = {
    "update_profile": having({"update_profile": changes}, status=statuses),
    "add_to_list": having({"add_to_list": references}, status=statuses),
    "remove_from_list": having({"remove_from_list": references}, status=statuses),
    "coupon": st.just({"coupon": "TEN"}),
    "webhook": having({"webhook": webhooks}, status=statuses),
    "notify": having({"notify": notices}, status=statuses),
}
LEAVES: dict[str, Drawn] = {
    "email": emails,
    "ab_test": ab_tests,
    "delay": delays.map(lambda delay: {"delay": delay}),
    "goal": having({"goal": conditions}, unmet=st.sampled_from(["go_on", "wait", "leave"])),
    **ACTING,
}
exits = st.sampled_from(["exit", {"exit": {}}, {"exit": None}])


def branching(steps: Drawn) -> dict[str, Drawn]:
    """The steps that hold steps."""
    sides = {"then": st.one_of(steps, st.none()), "else": steps}
    then = {"then": steps, "name": words}
    waited = st.one_of(
        having({"metric": st.just("Clicked Email")}, where=st.one_of(filters, st.none()), **then),
        having({"if": conditions}, **then),
    )
    asked = st.one_of(having({"if": conditions}, **then), having({"if_event": own_filters}, **then))
    return {
        "wait_for": having(
            {"wait_for": st.lists(waited, min_size=1, max_size=2), "within": spans},
            **{"else": steps, "count_past": st.booleans(), "reset_on": st.lists(occurrences, max_size=1)},
        ),
        "if": having({"if": conditions}, **sides),
        "if_event": having({"if_event": own_filters}, **sides),
        "split": having({"split": st.lists(asked, min_size=1, max_size=2)}, **{"else": steps}),
        "random": st.builds(
            lambda split, branch: {"random": [{**branch, "share": share} for share in split]},
            st.sampled_from(SHARES),
            some(**then),
        ),
    }


def listed(steps: Drawn, least: int = 0) -> Drawn:
    """Steps, the last of which may be an exit."""
    return st.builds(
        lambda some_, last: [*some_, *last], st.lists(steps, min_size=least, max_size=2), exits.map(lambda one: [one])
    ) | st.lists(steps, min_size=least, max_size=3)


leaves = st.deferred(lambda: st.one_of(list(LEAVES.values())))
BRANCHING = branching(listed(leaves))
either = st.deferred(lambda: st.one_of(list(KINDS.values())))
deep = st.deferred(lambda: st.one_of(list(branching(listed(either)).values())))
back_in_stock = some(
    minimum_stock=st.integers(1, 9), people_per_unit=st.sampled_from([None, 5]), every=spans, give_up_after=spans
).map(lambda asked: {"back_in_stock": asked})
KINDS: dict[str, Drawn] = {**LEAVES, **BRANCHING}


def numbered(steps: list[Any]) -> list[Any]:
    """The same steps with an id each, so that none is given twice."""
    numbers = count(1)
    return rewritten(reached(steps), lambda node, path: {**node, "id": f"step-{next(numbers)}"})


def reached(value: Any) -> Any:
    """Without the steps that nobody can come to."""
    if isinstance(value, list):
        return up_to_the_end([reached(one) for one in value])
    if isinstance(value, dict):
        return {key: reached(of) if key in _HOLDING else of for key, of in value.items()}
    return value


_HOLDING = ("wait_for", "split", "random", "then", "else")


@st.composite
def flows(draw: st.DrawFn, step: Drawn = deep, trigger: Drawn | None = None) -> Any:
    """A whole flow with some of these steps."""
    made = {
        "trigger": draw(trigger if trigger is not None else st.one_of(list(TRIGGERS.values()))),
        "steps": numbered(draw(st.one_of(st.just([]), back_in_stock.map(lambda one: [one]))) + draw(listed(step, 1))),
    }
    made |= draw(
        some(
            flow=st.just("a-flow"),
            name=st.just("A flow"),
            description=words,
            priority=st.sampled_from(["checkout", "none"]),
            profile_filters=st.one_of(conditions, st.none()),
            entry=entries,
            exit_on=st.lists(st.one_of(occurrences, conditions.map(lambda asked: {"if": asked})), max_size=2),
            coupons=coupons,
            send_window=windows,
        )
    )
    if not made["trigger"].keys() & {"list", "segment", "date"} and draw(st.booleans()):
        made["entry"] = {**made.get("entry", {}), **draw(keyed)}
    return made


# ── tests ───────────────────────────────────────────────────────────────────────────────────────────────────────────
moments = st.sampled_from(["2026-03-02 12:00", "2026-03-02", "2026-03-02T12:00:00-05:00"])
times_of_tests = st.one_of(
    moments.map(lambda at: {"at": at}), st.sampled_from([{"after": {"hours": 0}}, {"after": {"days": 1, "hours": 0}}])
)
agos = st.sampled_from([{"ago": {"days": 3}}, {"in": {"hours": 2}}, {"ago": {"days": 0}}])
belongs = st.one_of(st.lists(references, max_size=2), st.dictionaries(st.just("News"), agos, max_size=1))
persons = some(
    id=st.integers(1, 9),
    timezone=st.sampled_from(["Europe/Berlin", None]),
    email=st.sampled_from(["a@example.com", None]),
    properties=st.just({"plan": "gold"}),
    lists=belongs,
    segments=belongs,
    consent=st.sampled_from(["subscribed", "never_subscribed"]),
    suppressed=st.lists(st.just("hard_bounce"), max_size=1),
    coupons=st.lists(having({"name": st.just("TEN"), "assigned": agos}, expires=agos, redeemed=agos), max_size=1),
    flows=st.lists(agos.map(lambda ago: {"flow": "another", "entered": ago}), max_size=1),
)
brands = some(
    timezone=st.just("UTC"),
    smart_sending_hours=st.integers(0, 9),
    quiet_hours=st.just({"from": "21:00", "to": "8:00"}),
    frequency_caps=st.just([{"at_most": 3, "days": 7}, {"kind": "campaign", "at_most": 1, "days": 1}]),
    require_consent=st.booleans(),
)
happenings = st.one_of(
    having({"metric": st.just("A")}, properties=st.just({"price": 1}), value=st.sampled_from([None, 2.5])),
    st.sampled_from(
        [
            {"stock": {"product_id": "a", "to": 5}}, {"stock": {"variant_id": 7, "to": 0}}, {"set": {"plan": None}},
            {"subscribes": True}, {"unsubscribes": True}, {"redeems": "TEN"}, {"gets": "campaign"},
        ]
    ),
    st.builds(lambda kind, named: {kind: named}, st.sampled_from(["joins", "leaves", "enters", "exits"]), references),
)  # fmt: skip
ends = st.sampled_from(
    [
        {"left": True}, {"left": "exit_event"}, {"completed": True}, {"not_entered": "again"}, {"not_entered": True},
        {"waiting": "a"}, {"waiting": True},
    ]
)  # fmt: skip


def timed(kinds: Drawn, *, always: bool) -> Drawn:
    return st.builds(
        lambda what, when: {**what, **when}, kinds, times_of_tests if always else st.one_of(times_of_tests, st.just({}))
    )


steps_expected = timed(st.sampled_from([{"email": "a"}, {"done": "b"}]), always=False)


@st.composite
def tested(draw: st.DrawFn) -> Any:
    """A flow of an email and a coupon, with a test."""
    dated = draw(st.booleans())
    first = [] if dated else [{"at": draw(moments), "metric": "A"}]
    made = {
        "name": "One",
        "events": first + draw(st.lists(timed(happenings, always=True), max_size=3)),
        "expect": draw(st.lists(steps_expected, max_size=2)) + draw(st.lists(ends, max_size=1)),
        **draw(some(person=persons, brand=brands, until=moments)),
        **({"from": draw(moments)} if dated else {}),
    }
    steps = [{"id": "a", "email": "a.mjml"}, {"id": "b", "coupon": "TEN"}]
    return {"trigger": {"date": "birthday"} if dated else {"metric": "A"}, "steps": steps, "tests": [made]}
