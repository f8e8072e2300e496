"""A flow's definition: how branches are joined, what is refused, and where the refusal points."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import headwater.flows
from headwater.flows.reading import files, parse
from headwater.flows.steps import Countdown, Email, Exit, Split
from headwater.segments.language import DefinitionError

RECIPES = Path(headwater.flows.__file__).parent / "recipes"


def flow(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": list(steps), **more}


def test_branches_rejoin_after_the_split() -> None:
    definition = parse(
        flow(
            {"id": "ask", "if": {"metric": "Placed Order"}, "then": [{"email": "thanks.mjml"}], "else": []},
            {"email": "news.mjml"},
        )
    )

    ask, thanks = definition.steps["ask"], definition.steps["thanks"]
    assert isinstance(ask, Split)
    assert (ask.then, ask.otherwise) == ("thanks", "news")
    assert isinstance(thanks, Email)
    assert thanks.next == "news"
    assert definition.first == "ask"


@pytest.mark.parametrize("slug", sorted(path.parent.name for path in RECIPES.glob("*/flow.yaml")))
def test_the_recipes_are_valid(slug: str) -> None:
    definition = parse(files.read((RECIPES / slug / "flow.yaml").read_text()), slug=slug)

    assert definition.slug == slug
    assert definition.emails
    assert definition.tests


def test_the_browse_abandonment_recipe_says_what_it_should() -> None:
    definition = parse(files.read((RECIPES / "browse-abandonment" / "flow.yaml").read_text()))

    assert definition.again_after == timedelta(days=14)
    assert [email.id for email in definition.emails] == ["welcome", "popular", "offer", "expiring"]
    assert isinstance(definition.steps["before-expiry"], Countdown)
    assert isinstance(definition.steps["no-offer"], Exit)
    assert [plan.name for plan in definition.coupons] == ["BROWSE10"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"steps": []}, "steps"),
        ({"trigger": {"metric": ""}}, "trigger.metric"),
        ({"trigger": {"metric": "A", "where": [{"property": "x", "above": 1}]}}, "trigger.where[0]"),
        ({"colour": "red"}, "colour"),
        ({"steps": [{"email": "a.mjml"}, {"email": "a.mjml"}]}, "steps[1].id"),
        ({"steps": [{"email": "a.mjml", "smart_sending": "yes"}]}, "steps[0].smart_sending"),
        ({"steps": [{"delay": {"days": -1}}]}, "steps[0].delay.days"),
        ({"steps": [{"delay": {}}]}, "steps[0].delay"),
        ({"steps": [{"delay": {"days": 1, "until": "25:00"}}]}, "steps[0].delay.until"),
        ({"steps": [{"delay": {"days": 1, "timezone": "Mars"}}]}, "steps[0].delay.timezone"),
        ({"steps": [{"delay": {"before": {"hours": 1}}}]}, "steps[0].delay"),
        ({"steps": [{"exit": {}}, {"email": "a.mjml"}]}, "steps[1]"),
        ({"steps": [{"if": {"metric": "A", "count": {"most": 1}}}]}, "steps[0].if.count"),
        ({"steps": [{"if": {"all": [{"metric": "A"}]}, "then": [{"if": {"x": 1}}]}]}, "steps[0].then[0].if"),
        ({"steps": [{"email": "a.mjml", "filters": [{"consent": "maybe"}]}]}, "steps[0].filters[0].consent"),
        ({"profile_filters": [{"metric": "A", "since": "yesterday"}]}, "profile_filters[0].since"),
        ({"entry": {"again": "sometimes"}}, "entry.again"),
        ({"exit_on": [{"metric": 3}]}, "exit_on[0].metric"),
        ({"coupons": {"A": {"kind": "generated"}}}, "coupons.A.prefix"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse(flow({"email": "a.mjml"}) | wrong)

    assert refused.value.path == path


def test_words_of_yaml_stay_words() -> None:
    assert files.read("{no: NO, until: 10:00, day: 2026-03-01, on: true, n: 0.5}") == {
        "no": "NO",
        "until": "10:00",
        "day": "2026-03-01",
        "on": True,
        "n": 0.5,
    }


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2", "a: [", "a: &x [1]\nb: *x", "? [1]\n: 2", "!!python/object:os.system {}"]
)
def test_a_bad_file_is_an_error_for_people(text: str) -> None:
    with pytest.raises(DefinitionError):
        files.read(text)


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ({"webhook": {"url": "http://["}}, "steps[0].webhook.url"),
        ({"webhook": {"url": "ftp://a.example"}}, "steps[0].webhook.url"),
        ({"webhook": {"url": "https://u:p@a.example"}}, "steps[0].webhook.url"),
        ({"webhook": {"url": "https://a.example", "headers": {7: "x"}}}, "steps[0].webhook.headers.7"),
        ({"webhook": {"url": "https://a.example", "headers": {"X": "a\nb"}}}, "steps[0].webhook.headers.X"),
        ({"notify": {"to": [], "subject": "x"}}, "steps[0].notify.to"),
        ({"notify": {"to": ["nobody"], "subject": "x"}}, "steps[0].notify.to[0]"),
        ({"update_profile": {"set": {"email": "x"}}}, "steps[0].update_profile.set.email"),
        ({"update_profile": {"add_to": {"city": "x"}}}, "steps[0].update_profile.add_to.city"),
        ({"random": [{"share": 60}, {"share": 30}]}, "steps[0].random"),
        ({"ab_test": [{"email": "a.mjml", "share": 100}]}, "steps[0].ab_test"),
        ({"wait_for": [{"metric": "A"}]}, "steps[0].within"),
        ({"wait_for": [{"metric": "A", "if": {}}], "within": {"days": 1}}, "steps[0].wait_for[0]"),
        ({"goal": {"metric": "A"}, "unmet": "stay"}, "steps[0].unmet"),
        ({"email": "a.mjml", "status": "on"}, "steps[0].status"),
    ],
)
def test_a_step_that_cannot_be_is_refused_where_it_is_wrong(step: dict[str, Any], path: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse(flow(step))

    assert refused.value.path == path
