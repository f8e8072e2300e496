"""What has to be right before a campaign is scheduled: the email, the audience, the sender. One clear error each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from psycopg import Connection

from headwater.accounts import brand
from headwater.campaigns import audience
from headwater.campaigns.errors import CampaignError
from headwater.catalog import coupons
from headwater.content import compiling, templates
from headwater.content.document import Document, needs
from headwater.delivery.gates import wire_address

if TYPE_CHECKING:
    from headwater.campaigns.campaigns import Campaign

ITEM = "The email shows the item of an event, which only a flow has. Take “item” out of its data."


def check(conn: Connection, workspace_id: int, campaign: Campaign, now: datetime) -> int:
    """The version of the template that will be sent. Raises CampaignError for the first thing to put right."""
    if not campaign.included:
        raise CampaignError("included", "Choose at least one list or segment to send to.")
    audience.check(conn, workspace_id, campaign.audience)
    check_sender(conn, workspace_id)
    if campaign.template_id is None:
        raise CampaignError("template_id", "Choose the email to send.")
    version = check_template(conn, workspace_id, campaign.template_id)
    document = templates.version(conn, workspace_id, [version])[version]
    _check_content(document)
    check_coupons(conn, workspace_id, document, now)
    return version


def check_template(conn: Connection, workspace_id: int, template_id: int) -> int:
    """The template's current version. Raises CampaignError."""
    template = templates.get(conn, workspace_id, template_id)
    if template is None or template.archived_at is not None or template.current_version is None:
        raise CampaignError("template_id", f"There is no template {template_id}.")
    return template.current_version


def check_sender(conn: Connection, workspace_id: int) -> None:
    """Raises CampaignError where the brand lacks something of `sender_lacks`."""
    for lack in sender_lacks(conn, workspace_id):
        raise lack


def sender_lacks(conn: Connection, workspace_id: int) -> list[CampaignError]:
    """What the brand must have before it sends and has not: what stands in From, and the postal address."""
    sender = brand.load(conn, workspace_id)
    lacks = []
    if wire_address(sender.from_email) is None:
        lacks.append(CampaignError("brand.from_email", "Set the brand's sender address first."))
    if not sender.postal_address.strip():
        words = "Set the brand's postal address first: every email must carry it."
        lacks.append(CampaignError("brand.postal_address", words))
    return lacks


def _check_content(document: Document) -> None:
    errors = [problem for problem in compiling.lint(document) if problem.level == "error"]
    if errors:
        raise CampaignError("template_id", f"The email can't be sent like this: {errors[0].message}")
    if needs(document).item is not None:
        raise CampaignError("template_id", ITEM)


def check_coupons(conn: Connection, workspace_id: int, document: Document, now: datetime) -> None:
    """Every coupon that the email shows exists and has not ended. Raises CampaignError."""
    for name in sorted(needs(document).coupons):
        coupon = coupons.find(conn, workspace_id, name)
        if coupon is None:
            raise CampaignError("template_id", f"The email shows the coupon {name}, which does not exist.")
        if coupon.expires_at is not None and coupon.expires_at <= now:
            raise CampaignError("template_id", f"The email shows the coupon {name}, which has ended.")
