"""Whole flows as people write them: trees of plain data that `reading.parse` reads, made of every kind of step.

A strategy a kind, so that each comes often; conditions and events are such that something comes of them in the worlds
of `flow_worlds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.flows.ended_ways import up_to_the_end
from tests.flows.flow_worlds import CODE, METRICS, one_of

Tree = dict[str, Any]


# ── conditions and filters ──────────────────────────────────────────────────────────────────────────────────────────
SAME_ORDER = {"property": "order_id", "equals": {"event": "order_id"}}
DEAR = {"property": "price", "at_least": 50}
wheres = st.sampled_from([{}, {}, {"where": [DEAR]}, {"where": [SAME_ORDER]}])
windows = st.sampled_from([{}, {"since": "flow-start"}, {"in_last": {"days": 2}}, {"at_least_ago": {"hours": 30}}])
counted = st.builds(
    lambda metric, compared, asked: {"metric": metric, **compared, **asked},
    st.sampled_from(METRICS),
    st.sampled_from(
        [
            {},
            {"count": {"equals": 0}},
            {"count": {"at_least": 2}},
            {"count": {"less_than": 1}},
            {"sum": {"at_least": 9}},
        ]
    ),
    windows
    | wheres
    | st.builds(lambda window, where: {**window, "where": [where]}, windows, st.sampled_from([DEAR, SAME_ORDER])),
)
others = st.sampled_from(
    [
        {"property": "plan", "equals": "gold"},
        {"property": "plan", "not_equals": "gold"},
        {"property": "tags", "contains": "vip"},
        {"list": "Newsletter"},
        {"list": "Newsletter", "in_last": {"days": 2}},
        {"segment": "VIP"},
        {"consent": "subscribed"},
        {"can_receive": True},
        {"sample": 40},
        {"sample": 0},
        {"coupon": CODE, "state": "valid", "left_at_least": {"hours": 2}},
        {"coupon": CODE, "state": "expired"},
        {"coupon": "any", "state": "redeemed"},
        {"not_in_flow": "another", "in_last": {"days": 3}},
        {"in_flow": "another"},
        {"property": "renewal", "date": {"in_next": {"days": 5}}},
        {"sequence": [{"metric": "Added to Cart"}, {"metric": "Placed Order", "did": False, "within": {"days": 1}}]},
    ]
)
single = counted | others
conditions = one_of(
    single,
    single,
    single,
    st.lists(single, min_size=2, max_size=2).map(lambda of: {"any": of}),
    single.map(lambda of: {"not": of}),
)
# What is not so at first, most of the time, and becomes so; and the other way round.
rare = one_of(
    st.builds(
        lambda metric, where: {"metric": metric, "since": "flow-start", **where}, st.sampled_from(METRICS), wheres
    ),
    st.sampled_from(
        [
            {"property": "plan", "equals": "gold"},
            {"consent": "unsubscribed"},
            {"coupon": CODE, "state": "expired"},
            {"coupon": CODE, "state": "redeemed"},
            {"metric": "Viewed Product", "at_least_ago": {"hours": 30}},
            {"metric": "Added to Cart", "at_least_ago": {"hours": 30}},
            {"property": "renewal", "date": {"in_next": {"days": 5}}},
            {
                "all": [
                    {"metric": "Added to Cart"},
                    {"metric": "Added to Cart", "count": {"equals": 0}, "in_last": {"days": 2}},
                ]
            },
        ]
    ),
)
usual = st.sampled_from(
    [
        {"metric": "Placed Order", "count": {"equals": 0}, "since": "flow-start"},
        {"consent": "subscribed"},
        {"property": "tags", "not_contains": "vip"},
        {"not": {"coupon": CODE, "state": "redeemed"}},
        {"can_receive": True},
    ]
)
occurrences = st.builds(lambda metric, where: {"metric": metric, **where}, st.sampled_from(METRICS), wheres)

# ── steps, a strategy a kind ────────────────────────────────────────────────────────────────────────────────────────
statuses = st.sampled_from([{}, {}, {}, {"status": "draft"}, {"status": "manual"}])
exact = st.sampled_from(
    [{"hours": 1}, {"minutes": 90}, {"hours": 20}, {"days": 1}, {"days": 2, "hours": 3}, {"weeks": 1}]
)
WORKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
until = st.builds(
    lambda span, at, days, zone: {**span, "until": at, **days, **zone},
    st.sampled_from([{}, {"days": 1}, {"days": 3}, {"hours": 5}, {"minutes": 20}]),
    st.sampled_from(["00:00", "01:45", "02:30", "10:00", "23:59"]),
    st.sampled_from([{}, {"weekdays": ["sunday"]}, {"weekdays": WORKDAYS}, {"weekdays": ["tuesday", "saturday"]}]),
    st.sampled_from([{}, {}, {"timezone": "Asia/Tokyo"}, {"timezone": "Europe/Dublin"}]),
)
on_weekdays = st.sampled_from([{"weekdays": ["monday"]}, {"days": 2, "weekdays": WORKDAYS}])
countdowns = st.sampled_from([{"before": {"hours": hours}, "expiry_of": CODE} for hours in (1, 24, 60)])
dated = st.sampled_from(
    [
        {"before": {"days": 3}, "date": "renewal"},
        {"before": {"days": 0}, "date": "renewal", "until": "02:30"},
        {"before": {"days": 1, "hours": 12}, "date": "renewal", "timezone": "Pacific/Apia"},
        {"before": {"days": 2}, "date": "unknown"},
    ]
)
ids = st.sampled_from([{}, {}, {"id": "own"}])
updates = st.sampled_from(
    [
        {"set": {"plan": "gold"}},
        {"set": {"plan": {"event": "plan"}, "since": {"date": "today"}}},
        {"unset": ["plan"]},
        {"add_to": {"tags": "vip"}},
        {"remove_from": {"tags": "vip"}},
    ]
)
variations = st.builds(
    lambda shares, all_of_them: [
        {"email": "e", "share": share, **one} for share, one in zip(shares, all_of_them, strict=False)
    ],
    st.sampled_from([(50, 50), (20, 50, 30)]),
    st.tuples(statuses, statuses, statuses),
)
webhooks = statuses.map(lambda status: {"webhook": {"url": "https://example.com/hook"}, **status})
notices = statuses.map(lambda status: {"notify": {"to": "team@example.com", "subject": "One more"}, **status})
delays = {
    "delay": exact.map(lambda delay: {"delay": delay}),
    "delay until": until.map(lambda delay: {"delay": delay}),
    "delay weekdays": on_weekdays.map(lambda delay: {"delay": delay}),
}
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "email": st.builds(
        lambda status, asked: {"email": "e", **status, **asked},
        statuses,
        st.sampled_from([{}, {}, {"filters": [{"consent": "subscribed"}]}, {"smart_sending": False}]),
    ),
    **delays,
    "countdown": countdowns.map(lambda delay: {"delay": delay}),
    "date countdown": dated.map(lambda delay: {"delay": delay}),
    "ab_test": variations.map(lambda emails: {"ab_test": emails}),
    "update_profile": st.builds(lambda what, status: {"update_profile": what, **status}, updates, statuses),
    "add_to_list": statuses.map(lambda status: {"add_to_list": "Newsletter", **status}),
    "remove_from_list": statuses.map(lambda status: {"remove_from_list": "Newsletter", **status}),
    "coupon": st.just({"coupon": CODE}),
    "webhook": webhooks,
    "notify": notices,
    "goal": st.builds(
        lambda condition, unmet, own: {"goal": condition, **unmet, **own},
        one_of(rare, rare, conditions),
        st.sampled_from([{}, {"unmet": "go_on"}, {"unmet": "wait"}, {"unmet": "leave"}]),
        ids,
    ),
}
EXIT = {"exit": st.just("exit")}  # fmt: skip


def branching(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """The steps that hold lists of others."""
    asked = one_of(occurrences, occurrences, one_of(rare, conditions).map(lambda condition: {"if": condition}))
    events = st.sampled_from([DEAR, {"property": "plan", "is_set": True}])
    cases = one_of(conditions.map(lambda one: {"if": one}), events.map(lambda one: {"if_event": one}))

    def branches(asks: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[Any]:
        return st.lists(st.builds(lambda ask, then: {**ask, "then": then}, asks, inner), min_size=1, max_size=most)

    return {
        "wait_for": st.builds(
            lambda of, within, otherwise, more, own: {
                "wait_for": of, "within": within, "else": otherwise, **more, **own
            },
            branches(asked, 2),
            st.sampled_from([{"hours": 6}, {"days": 1}, {"days": 3}]),
            inner,
            st.sampled_from([{}, {}, {"count_past": True}, {"reset_on": ["Added to Cart"]},
                             {"reset_on": [{"metric": "Viewed Product", "where": [DEAR]}]}]),
            ids,
        ),
        "if": st.builds(lambda of, then, other: {"if": of, "then": then, "else": other}, conditions, inner, inner),
        "if_event": st.builds(
            lambda of, then, other: {"if_event": of, "then": then, "else": other}, events, inner, inner
        ),
        "split": st.builds(lambda of, other: {"split": of, "else": other}, branches(cases, 2), inner),
        "random": st.builds(
            lambda shares, then: {
                "id": "own",
                "random": [{"share": share, "then": steps} for share, steps in zip(shares, then, strict=False)],
            },
            st.sampled_from([(30, 70), (20, 30, 50)]),
            st.tuples(inner, inner, inner),
        ),
    }  # fmt: skip


def _lists(kinds: Mapping[str, st.SearchStrategy[Any]], least: int, most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(one_of(*kinds.values()), min_size=least, max_size=most)


def _with_waits(kinds: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[list[Any]]:
    """Steps of any kind, and among them so many that wait that most people are somewhere in the middle for a while."""
    waits = [*delays.values(), delays["delay"], BRANCHING["wait_for"]]
    pair = st.tuples(one_of(*waits), one_of(*kinds.values())).map(list)
    alone = one_of(*kinds.values()).map(lambda one: [one])
    return st.lists(one_of(alone, pair), min_size=2, max_size=5).map(
        lambda parts: [one for part in parts for one in part]
    )


_innermost = _lists({**LEAVES, **EXIT}, 0, 2)
_inner = _lists({**LEAVES, **EXIT, **branching(_innermost)}, 0, 3)
BRANCHING = branching(_inner)
stock = st.sampled_from([{"back_in_stock": {}}, {"back_in_stock": {"give_up_after": {"days": 9}, "minimum_stock": 3}}])


def named(nodes: list[Any]) -> list[Any]:
    """The steps with emails and ids of their own, and nothing behind an exit."""
    count = 0

    def name(value: Any) -> Any:
        nonlocal count
        if isinstance(value, list):
            return up_to_the_end([name(one) for one in value])
        if not isinstance(value, dict):
            return value
        made = {key: name(of) if key in _HOLDING else of for key, of in value.items()}
        count += 1
        if "email" in made:
            made["email"] = f"email-{count}.mjml"
        if "id" in made:
            made["id"] = f"own-{count}"
        return made

    return name(nodes)  # type: ignore[no-any-return]


_HOLDING = ("wait_for", "split", "random", "ab_test", "then", "else")

# ── flows ───────────────────────────────────────────────────────────────────────────────────────────────────────────
triggers = st.sampled_from(
    [
        *[{"metric": "Viewed Product"}] * 7,
        {"metric": "Placed Order", "where": [DEAR]},
        {"list": "Newsletter"},
        {"segment": "VIP"},
        {"segment": "VIP", "on": "left"},
        {"date": "renewal", "before": {"days": 2}},
    ]
)
exits = one_of(
    st.just([]),
    st.just([]),
    occurrences.map(lambda one: [one]),
    rare.map(lambda one: [{"metric": "Clicked Email", "where": [DEAR]}, {"if": one}]),
)
filters = one_of(st.just([]), st.just([]), usual.map(lambda one: [one]), st.lists(usual | conditions, max_size=2))
flows: st.SearchStrategy[Tree] = st.builds(
    lambda trigger, first, steps, exit_on, asked: {
        "flow": "drawn",
        "trigger": trigger,
        "profile_filters": asked,
        "exit_on": exit_on,
        "steps": named([*first, *steps]),
    },
    triggers,
    one_of(st.just([]), st.just([]), st.just([]), stock.map(lambda one: [one])),
    _with_waits({**LEAVES, **BRANCHING, "goal again": LEAVES["goal"]}),
    exits,
    filters,
)

# Flows in which nothing but time and events decides: how late a worker comes can change nothing.
_clockwork = {
    **delays,
    "email": LEAVES["email"].filter(lambda node: node.get("status") != "manual"),
    "date countdown": LEAVES["date countdown"],
    "webhook": webhooks.filter(lambda node: node.get("status") != "manual"),
}


def _ticking(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    kinds = branching(inner)
    waits = kinds["wait_for"].filter(lambda node: all("metric" in branch for branch in node["wait_for"]))
    anew = waits.map(lambda node: {"reset_on": ["Added to Cart"], **node})
    return {"wait_for": waits, "anew": anew, "if_event": kinds["if_event"], "random": kinds["random"]}


clockwork: st.SearchStrategy[Tree] = _lists({**_clockwork, **_ticking(_lists({**_clockwork, **EXIT}, 0, 2))}, 2, 6).map(
    lambda steps: {"flow": "clockwork", "trigger": {"metric": "Viewed Product"}, "steps": named(steps)}
)
