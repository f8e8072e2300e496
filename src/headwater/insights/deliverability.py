"""How mail arrives, by mailbox provider and by the domain of the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection

from headwater.delivery.results import StepResults
from headwater.flows.figures import Rates, rates, total
from headwater.insights import providers, sending
from headwater.insights.spans import Span


@dataclass(frozen=True, slots=True)
class Part:
    """Emails to one provider or domain."""

    name: str
    provider: str
    emails: StepResults

    @property
    def rates(self) -> Rates:
        return rates(self.emails)


@dataclass(frozen=True, slots=True)
class Deliverability:
    providers: list[Part]
    domains: list[Part]
    """The busiest ones."""
    domains_in_all: int
    whole: StepResults


def load(conn: Connection, workspace_id: int, span: Span, most_domains: int) -> Deliverability:
    """The emails that left in the span, by where they went."""
    found = sending.domains(conn, workspace_id, span)
    parts = sorted(
        (Part(domain, providers.of_domain(domain), emails) for domain, emails in found.items()),
        key=lambda part: (-part.emails.sent, part.name),
    )
    return Deliverability(_by_provider(parts), parts[:most_domains], len(parts), total(part.emails for part in parts))


def _by_provider(parts: Iterable[Part]) -> list[Part]:
    kept: dict[str, list[StepResults]] = {}
    for part in parts:
        kept.setdefault(part.provider, []).append(part.emails)
    summed = [Part(name, name, total(several)) for name, several in kept.items()]
    return sorted(summed, key=lambda part: (part.name == providers.OTHER, -part.emails.sent))
