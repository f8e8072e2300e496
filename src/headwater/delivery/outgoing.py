"""From a claimed message to the bytes that travel: compiled templates kept by version, and one person's rendering.

Rendering happens when a connection is free, in the event loop, so it touches no database: the claim brought everything.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from psycopg import Connection

from headwater.accounts.brand import Brand
from headwater.audience.profiles import Profile
from headwater.content import compiling, context, templates
from headwater.content.document import Document, Needs, needs
from headwater.content.errors import RenderError, TemplateError, TooLarge, UnsubscribeLinkMissing
from headwater.content.message import CompiledEmail, Envelope, Rendered
from headwater.core import settings
from headwater.delivery.claims import Key
from headwater.delivery.materials import Material
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled template version, or why it cannot be compiled."""

    version_id: int
    compiled: CompiledEmail | None
    needs: Needs
    error: str | None = None


class Templates:
    """Compiled versions of a process. A version never changes, so nothing is ever stale."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], Prepared] = OrderedDict()

    def prepare(self, conn: Connection, workspace_id: int, version_ids: Collection[int]) -> dict[int, Prepared]:
        """These versions, loaded and compiled where they are not here yet."""
        found = {version: kept for version in version_ids if (kept := self._kept.get((workspace_id, version)))}
        missing = [version for version in version_ids if version not in found]
        documents = templates.version(conn, workspace_id, missing) if missing else {}
        for version in missing:
            document = documents.get(version)
            found[version] = (
                _compile(version, document)
                if document is not None
                else Prepared(version, None, Needs(), "This version of the template does not exist.")
            )
        with self._guard:
            for version, prepared in found.items():
                self._kept[(workspace_id, version)] = prepared
                self._kept.move_to_end((workspace_id, version))
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


def _compile(version_id: int, document: Document) -> Prepared:
    try:
        return Prepared(version_id, compiling.compile(document), needs(document))
    except TemplateError as error:
        return Prepared(version_id, None, Needs(), str(error))
    except Exception:
        # A defect of ours must stop this template's messages only, not all claims of the workspace.
        log.exception("compile_failed", template_version_id=version_id)
        return Prepared(version_id, None, Needs(), "The template could not be compiled.")


@dataclass(slots=True)
class Outgoing:
    """One claimed message with all that its rendering needs."""

    workspace_id: int
    key: Key
    address: str
    attempts: int
    deadline: datetime | None
    stamped: bool
    brand: Brand
    profile: Profile
    brief: Brief
    prepared: Prepared
    material: Material | None
    now: datetime
    """On the instance's clock, when it was claimed: the message's date."""
    fresh_until: float = 0.0
    lease_ends: float = 0.0
    """Monotonic seconds, set by the sender."""

    @property
    def profile_id(self) -> int:
        return self.profile.id

    def render(self) -> Rendered:
        """The bytes for the wire. Raises RenderError."""
        assert self.prepared.compiled is not None
        rendered = self.prepared.compiled.render(self.names(), self.envelope())
        if not rendered.unsubscribable and not self.brief.transactional:
            raise UnsubscribeLinkMissing("For this person the template shows none.")
        return rendered

    def html(self) -> str:
        """The same as a page. Raises RenderError."""
        assert self.prepared.compiled is not None
        return self.prepared.compiled.html(self.names(), self.envelope())

    def names(self) -> dict[str, Any]:
        """What the template sees."""
        material = self.material or _NOTHING
        wanted = self.prepared.needs.coupon
        return context.build(
            self.brand,
            self.brief.shown_as or self.profile,
            event=self.brief.event,
            coupon=material.coupons.get(wanted) if wanted else None,
            coupons=material.coupons,
            item=material.item,
            feeds=material.feeds,
            reviews=material.reviews,
            message=self.brief.message_name,
        )

    def envelope(self) -> Envelope:
        person = self.profile
        return Envelope(
            workspace_id=self.workspace_id,
            message_id=self.key.id,
            profile_id=person.id,
            to_email=self.address,
            to_name=" ".join(name for name in (person.first_name, person.last_name) if name),
            from_name=self.brand.from_name,
            from_email=self.brand.from_email,
            reply_to=self.brand.reply_to,
            date=self.now,
            base_url=settings.current().base_url,
            utm=self.brief.utm,
            transactional=self.brief.transactional,
        )

    @staticmethod
    def why_not(error: Exception) -> tuple[Reason, str]:
        """The reason to skip a message whose rendering raised, and the words for people."""
        if isinstance(error, RenderError):
            own = next((reason for kind, reason in _OWN_REASONS if isinstance(error, kind)), Reason.TEMPLATE_ERROR)
            return own, str(error)
        return Reason.UNEXPECTED, f"{type(error).__name__} while the email was being made."


_NOTHING = Material()
_OWN_REASONS = ((TooLarge, Reason.RENDERED_TOO_LARGE), (UnsubscribeLinkMissing, Reason.UNSUBSCRIBE_LINK_MISSING))
