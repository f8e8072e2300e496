"""A workspace as plain data: what sending and rendering need to know of the brand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import dict_row

from headwater.accounts.limits import FrequencyCap, QuietHours
from headwater.core import jsonb


@dataclass(frozen=True)
class Brand:
    id: int
    name: str
    slug: str
    timezone: str
    currency: str
    from_name: str
    from_email: str
    reply_to: str
    postal_address: str
    website_url: str
    smart_sending_hours: int
    require_consent: bool
    quiet_hours: QuietHours | None = None
    """Hours in which no marketing email goes, by the person's clock. None: there are none."""
    frequency_caps: tuple[FrequencyCap, ...] = ()
    brand_color: str = ""
    """As #rrggbb; empty: none chosen."""
    logo_url: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def load(conn: Connection, workspace_id: int) -> Brand:
    """The brand of a workspace. Raises LookupError for an unknown id."""
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            """
            SELECT id, name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                   website_url, smart_sending_hours, require_consent, quiet_hours, frequency_caps, brand_color, logo_url
            FROM workspace
            WHERE id = %(workspace)s
            """,
            {"workspace": workspace_id},
        ).fetchone()
    if found is None:
        raise LookupError(f"No workspace {workspace_id}.")
    quiet, caps = found.pop("quiet_hours"), found.pop("frequency_caps")
    return Brand(
        **found,
        quiet_hours=QuietHours.read(quiet) if quiet is not None else None,
        frequency_caps=tuple(FrequencyCap.read(cap) for cap in caps),
    )


SETTINGS = frozenset(
    {
        "name", "timezone", "currency", "from_name", "from_email", "reply_to", "postal_address", "website_url",
        "smart_sending_hours", "require_consent", "quiet_hours", "frequency_caps", "brand_color", "logo_url",
    }
)  # fmt: skip
"""What the owner of a brand may change; its slug and id stay."""


def update(conn: Connection, workspace_id: int, changes: Mapping[str, Any]) -> Brand:
    """Change settings (of SETTINGS). The caller has checked them. Raises LookupError for an unknown id."""
    changed = replace(load(conn, workspace_id), **{name: changes[name] for name in SETTINGS & changes.keys()})
    conn.execute(
        """
        UPDATE workspace
        SET name = %(name)s,
            timezone = %(timezone)s,
            currency = %(currency)s,
            from_name = %(from_name)s,
            from_email = %(from_email)s,
            reply_to = %(reply_to)s,
            postal_address = %(postal_address)s,
            website_url = %(website_url)s,
            smart_sending_hours = %(smart_sending_hours)s,
            require_consent = %(require_consent)s,
            quiet_hours = %(quiet_hours)s::jsonb,
            frequency_caps = %(frequency_caps)s::jsonb,
            brand_color = %(brand_color)s,
            logo_url = %(logo_url)s
        WHERE id = %(id)s
        """,
        {
            **changed.__dict__,
            "quiet_hours": jsonb.text(changed.quiet_hours.plain()) if changed.quiet_hours is not None else None,
            "frequency_caps": jsonb.text([cap.plain() for cap in changed.frequency_caps]),
        },
    )
    return changed
