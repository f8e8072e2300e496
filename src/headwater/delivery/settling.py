"""The servers' verdicts go back into the ledger, in small groups; a bounce also enters intake as an event.

`settle` is safe to repeat and to be late with: only results whose fence still fits change anything. What a verdict
means is decided in `verdicts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.catalog import coupons
from headwater.delivery import claims, smart_sending, verdicts
from headwater.delivery.claims import Key
from headwater.delivery.reasons import Reason
from headwater.delivery.transports.parcel import Verdict
from headwater.events import inbox, metrics


@dataclass(frozen=True, slots=True)
class Result:
    """One verdict on one claimed message."""

    key: Key
    profile_id: int
    address: str
    attempts: int
    deadline: datetime | None
    verdict: Verdict
    at: datetime
    """When the verdict came, on the instance's clock."""


@dataclass(frozen=True, slots=True)
class Skip:
    """A claimed message that cannot be made: nothing left."""

    key: Key
    profile_id: int
    stamped: bool
    """Whether it holds a smart sending stamp that it must give back."""
    reason: Reason
    detail: str


def settle(conn: Connection, workspace_id: int, results: Sequence[Result]) -> None:
    """Write what became of these attempts."""
    accepted = [result for result in results if result.verdict.outcome == "accepted"]
    untried = [result for result in results if not result.verdict.tried]
    tried = [result for result in results if result.verdict.tried and result.verdict.outcome != "accepted"]
    if accepted:
        _write_sent(conn, workspace_id, [(result.key, result.at) for result in accepted])
        _forget_soft_bounces(conn, workspace_id, [result.profile_id for result in accepted])
    if untried:
        claims.give_back(conn, workspace_id, [result.key for result in untried])
    if tried:
        _settle_failures(conn, workspace_id, tried)


def skip(conn: Connection, workspace_id: int, skips: Sequence[Skip], now: datetime) -> None:
    """End claimed messages that could not be rendered; their stamps and coupon codes are free again."""
    ended = set(claims.write_skips(conn, workspace_id, [(skip.key, skip.reason, skip.detail) for skip in skips], now))
    freed = [skip for skip in skips if skip.key.id in ended]
    smart_sending.release(conn, workspace_id, [(skip.profile_id, skip.key.id) for skip in freed if skip.stamped])
    coupons.release(conn, workspace_id, [skip.key.id for skip in freed])


def _settle_failures(conn: Connection, workspace_id: int, results: Sequence[Result]) -> None:
    meanings = [
        verdicts.read(result.verdict, verdicts.Attempt(result.attempts, result.deadline), result.at)
        for result in results
    ]
    outcomes = [
        Outcome(
            result.key,
            meaning.state,
            meaning.reason,
            _words(result.verdict),
            result.verdict.code,
            result.at,
            meaning.send_at,
            meaning.deadline,
        )
        for result, meaning in zip(results, meanings, strict=True)
    ]
    fitting = set(_write_outcomes(conn, workspace_id, outcomes))
    bounces = [
        _bounce_item(result, meaning.bounce)
        for result, meaning in zip(results, meanings, strict=True)
        if meaning.bounce is not None and result.key.id in fitting
    ]
    if bounces:
        inbox.put(conn, workspace_id, bounces, results[-1].at)


def _words(verdict: Verdict) -> str:
    """The server's answer as people know it: code, status, words."""
    code = str(verdict.code) if verdict.code is not None else ""
    status = verdict.enhanced or ""
    words = verdict.reply.removeprefix(code).strip().removeprefix(status).strip()
    return " ".join(part for part in (code, status, words) if part).replace("\x00", "")


def _bounce_item(result: Result, kind: str) -> bytes:
    return inbox.item(
        type="track",
        id=f"bounce-{result.key.id}-{result.key.fence}",
        ts=result.at,
        user={"profile_id": result.profile_id},
        metric=metrics.BOUNCED_EMAIL,
        properties={
            "message_id": result.key.id,
            "kind": kind,
            "address": result.address,
            "smtp_code": result.verdict.code,
            "enhanced": result.verdict.enhanced,
            "reply": result.verdict.reply[:500],
        },
    )


def _forget_soft_bounces(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    # Any delivery ends a run of soft bounces. Index: primary key.
    conn.execute(
        """
        DELETE FROM soft_bounce
        WHERE workspace_id = %(workspace)s
          AND profile_id = ANY(%(profiles)s::bigint[])
        """,
        {"workspace": workspace_id, "profiles": list(profile_ids)},
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt that was not accepted means for its message (verdicts.py decides)."""

    key: Key
    state: str
    """bounced, failed, or planned: another attempt."""
    reason: Reason | None
    detail: str
    smtp_code: int | None
    at: datetime
    send_at: datetime | None = None
    """Of the next attempt."""
    deadline: datetime | None = None


def _write_sent(conn: Connection, workspace_id: int, sent: Sequence[tuple[Key, datetime]]) -> list[int]:
    """Accepted by the server at these moments; answers the ids of those whose fence still fits.

    A message that was planned or cancelled again meanwhile, but not claimed by another worker, did leave: it is sent.
    """
    # The hottest statement of a campaign. Index: primary key.
    rows = conn.execute(
        """
        UPDATE message
        SET state = 'sent',
            reason = NULL,
            detail = NULL,
            attempts = message.attempts + 1,
            lease_until = NULL,
            sent_at = verdict.at,
            finished_at = verdict.at
        FROM unnest(%(ids)s::bigint[], %(origins)s::timestamptz[], %(fences)s::bigint[], %(at)s::timestamptz[])
             AS verdict (id, origin_at, fence, at)
        WHERE message.workspace_id = %(workspace)s
          AND message.id = verdict.id
          AND message.origin_at = verdict.origin_at
          AND message.fence = verdict.fence
          AND message.state IN ('claimed', 'planned', 'cancelled')
        RETURNING message.id
        """,
        {"workspace": workspace_id, "at": [at for _, at in sent], **claims.columns([key for key, _ in sent])},
    ).fetchall()
    return [row[0] for row in rows]


def _write_outcomes(conn: Connection, workspace_id: int, outcomes: Sequence[Outcome]) -> list[int]:
    """Refused, deferred and unknown attempts; answers the ids of those whose fence still fits.

    A message that was cancelled meanwhile stays cancelled, unless the server refused it for good.
    """
    # Index: primary key.
    rows = conn.execute(
        """
        UPDATE message
        SET state = outcome.state,
            reason = outcome.reason,
            detail = outcome.detail,
            smtp_code = outcome.smtp_code,
            attempts = message.attempts + 1,
            lease_until = NULL,
            send_at = COALESCE(outcome.send_at, message.send_at),
            deadline = COALESCE(message.deadline, outcome.deadline),
            finished_at = CASE WHEN outcome.state <> 'planned' THEN outcome.at END
        FROM unnest(%(ids)s::bigint[], %(origins)s::timestamptz[], %(fences)s::bigint[], %(states)s::text[],
                    %(reasons)s::text[], %(details)s::text[], %(codes)s::smallint[], %(at)s::timestamptz[],
                    %(send_ats)s::timestamptz[], %(deadlines)s::timestamptz[])
             AS outcome (id, origin_at, fence, state, reason, detail, smtp_code, at, send_at, deadline)
        WHERE message.workspace_id = %(workspace)s
          AND message.id = outcome.id
          AND message.origin_at = outcome.origin_at
          AND message.fence = outcome.fence
          AND (message.state IN ('claimed', 'planned') OR message.state = 'cancelled' AND outcome.state = 'bounced')
        RETURNING message.id
        """,
        {
            "workspace": workspace_id,
            "states": [outcome.state for outcome in outcomes],
            "reasons": [outcome.reason for outcome in outcomes],
            "details": [outcome.detail[:2000] for outcome in outcomes],
            "codes": [outcome.smtp_code for outcome in outcomes],
            "at": [outcome.at for outcome in outcomes],
            "send_ats": [outcome.send_at for outcome in outcomes],
            "deadlines": [outcome.deadline for outcome in outcomes],
            **claims.columns([outcome.key for outcome in outcomes]),
        },
    ).fetchall()
    return [row[0] for row in rows]
