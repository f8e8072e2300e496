"""What somebody should look at: each thing in words, with where to go to put it right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from headwater.audience.imports.troubles import Trouble as Imported
from headwater.delivery.reasons import Reason
from headwater.delivery.results import StepResults
from headwater.flows.calls.troubles import Trouble as Calls

Kind = Literal[
    "flow",
    "campaign",
    "brand",
    "senders",
    "webhooks",
    "deliverability",
    "flow_review",
    "flow_draft",
    "events",
    "import",
]
Level = Literal["error", "warning", "note"]

BOUNCES = 0.05
"""Of what was sent: from here on mailbox providers begin to distrust the sender,"""
COMPLAINTS = 0.003
"""and from here on they refuse."""
ENOUGH = 100
"""Fewer emails than this say nothing about a rate."""

Source = tuple[Literal["flow", "campaign"], int]

_BROKEN = (
    Reason.TEMPLATE_ERROR,
    Reason.COUPON_UNAVAILABLE,
    Reason.RENDERED_TOO_LARGE,
    Reason.UNSUBSCRIBE_LINK_MISSING,
    Reason.INVALID_FROM_ADDRESS,
    Reason.REFUSED_BY_SERVER,
    Reason.GAVE_UP,
    Reason.UNEXPECTED,
)
"""Reasons that somebody can do something about; the others are the product working as it was told."""


@dataclass(frozen=True, slots=True)
class Item:
    """`kind` and `target` say where to go: a flow by its slug, a campaign or import by its id; else `kind` alone."""

    kind: Kind
    target: str
    level: Level
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Named:
    """A flow or campaign as people know it, and as links name it."""

    name: str
    target: str


def sender(from_email: str, postal_address: str) -> Iterable[Item]:
    """Without these nothing can be sent."""
    if not from_email:
        yield Item(
            "senders",
            "",
            "error",
            "There is no sender address",
            "Nothing can be sent until emails have a “From” address.",
        )
    if not postal_address.strip():
        yield Item(
            "brand",
            "",
            "error",
            "There is no postal address",
            "The law asks for one in every marketing email; without it none goes.",
        )


def broken(
    results: Mapping[Source, StepResults],
    names: Mapping[Source, Named],
    days: int,
) -> Iterable[Item]:
    """Emails of the last days that could not be made or delivered, by what they belong to."""
    for source, found in results.items():
        named = names.get(source)
        for reason in _BROKEN:
            count = found.skipped.get(reason, 0)
            if count and named is not None:
                yield Item(
                    source[0],
                    named.target,
                    "error" if reason is not Reason.REFUSED_BY_SERVER else "warning",
                    f"{_emails(count)} of “{named.name}” did not go",
                    f"{reason.words}, in the last {days} days.",
                )


def late(count: int, minutes: int) -> Iterable[Item]:
    """Emails that should have left."""
    if count:
        yield Item(
            "deliverability", "", "error", f"{_emails(count)} {'is' if count == 1 else 'are'} late",
            f"Due for over {minutes} minutes and not tried yet. Is the worker running? Does the SMTP server answer?",
        )  # fmt: skip


def health(emails: StepResults, days: int) -> Iterable[Item]:
    """Bounces and complaints that run high."""
    if emails.sent < ENOUGH:
        return
    bounced, complained = emails.bounced / emails.sent, emails.complained / emails.sent
    if bounced >= BOUNCES:
        yield Item(
            "deliverability", "", "warning", f"{_percent(bounced, 1)} of emails bounced",
            f"Over the last {days} days. Above {_percent(BOUNCES, 0)} mailbox providers begin to distrust a sender.",
        )  # fmt: skip
    if complained >= COMPLAINTS:
        yield Item(
            "deliverability", "", "error", f"{_percent(complained, 2)} of emails were marked as spam",
            f"Over the last {days} days. Above {_percent(COMPLAINTS, 1)} mailbox providers refuse mail.",
        )  # fmt: skip


def held(flows: Sequence[tuple[Named, int]]) -> Iterable[Item]:
    """Emails that wait for somebody to look at them."""
    for named, count in flows:
        if count:
            wait = "waits" if count == 1 else "wait"
            yield Item(
                "flow_review", named.target, "warning", f"{_emails(count)} of “{named.name}” {wait} for review",
                "They go once somebody approves them.",
            )  # fmt: skip


def unfinished(drafts: Iterable[tuple[Named, str]]) -> Iterable[Item]:
    """Drafts that could not be published as they are."""
    for named, problem in drafts:
        yield Item("flow_draft", named.target, "note", f"The draft of “{named.name}” is not ready", problem)


def calls(troubles: Iterable[Calls]) -> Iterable[Item]:
    """Systems that flows call in vain."""
    for one in troubles:
        count = f"{one.calls:,} {'webhook' if one.kind == 'webhook' else 'notice'}{'' if one.calls == 1 else 's'}"
        to = f" to {one.host}" if one.kind == "webhook" else ""
        later = "All are given up." if one.given_up == one.calls else "They are tried again for a day."
        yield Item(
            "webhooks", one.flow, "warning", f"{count} of “{one.flow_name}”{to} failed in the last day",
            f"{one.last_error} {later}",
        )  # fmt: skip


def imports(troubles: Iterable[Imported], days: int) -> Iterable[Item]:
    """Files of people that did not go in whole."""
    for one in troubles:
        target = str(one.id)
        if one.error is not None:
            yield Item("import", target, "error", f"The import of “{one.name}” stopped", one.error or "It failed.")
            continue
        rows = f"{one.refused:,} of {one.total:,} row{'' if one.total == 1 else 's'}"
        yield Item(
            "import", target, "warning", f"{rows} of “{one.name}” {'was' if one.refused == 1 else 'were'} not taken in",
            f"Imported in the last {days} days. Its list of errors says why for each row.",
        )  # fmt: skip


def events(failures: int, days: int) -> Iterable[Item]:
    """Events that were taken and could not be stored."""
    if failures:
        yield Item(
            "events", "", "warning", f"{failures:,} event{'s' if failures > 1 else ''} could not be processed",
            f"In the last {days} days. They are kept, with the reason; headwater doctor tells more.",
        )  # fmt: skip


def _percent(share: float, digits: int) -> str:
    return f"{100 * share:.{digits}f} %"


def _emails(count: int) -> str:
    return f"{count:,} email{'' if count == 1 else 's'}"


_ORDER: Mapping[Level, int] = {"error": 0, "warning": 1, "note": 2}


def sorted_by_weight(items: Iterable[Item]) -> list[Item]:
    """The gravest first."""
    return sorted(items, key=lambda item: _ORDER[item.level])
