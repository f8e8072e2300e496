"""What an author should know of the email that a campaign sends: what keeps it from going, and what could be better."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection

from headwater.campaigns import preflight
from headwater.campaigns.errors import CampaignError
from headwater.campaigns.findings import Finding, Level, Step
from headwater.catalog import coupons
from headwater.content import advice, names, templates
from headwater.content.document import Document, needs
from headwater.content.errors import TemplateError

SHOWN_SUBJECT = 60
"""Characters that inboxes show on a wide screen; telephones show about forty."""


def of_email(conn: Connection, workspace_id: int, template_id: int | None, going: int, now: datetime) -> list[Finding]:
    """Findings about the template as it is now, for so many people."""
    if template_id is None:
        return [_finding("error", "no_email", "Choose the email to send.")]
    try:
        version = preflight.check_template(conn, workspace_id, template_id)
    except CampaignError:
        return [_finding("error", "email_gone", "This email is no longer there. Choose another one.")]
    document = templates.version(conn, workspace_id, [version])[version]
    found = [_finding(one.level, "content", one.message) for one in advice.problems(document)]
    found += _of_the_subject(document)
    try:
        asked = needs(document)
    except TemplateError:
        return found  # it is among the problems
    if asked.item is not None:
        found.append(_finding("error", "item", preflight.ITEM))
    elif any(one.path[0] == "event" for one in names.used(document)):
        words = "The email shows what an event brought (event.…). A campaign has no event, so that will be empty."
        found.append(_finding("warning", "event", words))
    return found + _of_coupons(conn, workspace_id, document, going, now)


def _of_the_subject(document: Document) -> list[Finding]:
    found: list[Finding] = []
    subject = document.subject.strip()
    if SHOWN_SUBJECT < len(subject) <= advice.LONG_SUBJECT and "{" not in subject:
        words = f"The subject has {len(subject)} characters; inboxes show about {SHOWN_SUBJECT}, telephones fewer."
        found.append(_finding("note", "long_subject", words))
    if not document.preview_text.strip():
        words = "There is no preview text: inboxes will show the first words of the email beside the subject."
        found.append(_finding("note", "no_preview_text", words))
    return found


def _of_coupons(conn: Connection, workspace_id: int, document: Document, going: int, now: datetime) -> list[Finding]:
    try:
        preflight.check_coupons(conn, workspace_id, document, now)
    except CampaignError as error:
        return [_finding("error", "coupon", str(error))]
    found: list[Finding] = []
    for name in sorted(needs(document).coupons):  # an email shows one coupon, rarely two
        left = coupons.remaining(conn, workspace_id, name, now)
        if left is not None and left < going:
            words = (
                f"The coupon {name} has {left:,} codes left for {going:,} people: the last of them would be skipped."
            )
            found.append(_finding("warning", "coupon_codes", words))
    return found


def _finding(level: Level, code: str, words: str, step: Step = "content") -> Finding:
    return Finding(level, code, words, step, "template_id")
