"""All that goes on in the show around its five shoppers: visitors, sign-ups for the newsletter, readers of emails."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.audience import identity, joining, lists, profiles
from headwater.audience.identity import Claim
from headwater.audience.joining import Wish
from headwater.core import database
from headwater.core.signing import MessageToken
from headwater.demo.loading import NEWSLETTER
from headwater.demo.passers_by import Moment, SignUp
from headwater.demo.readers import Readers
from headwater.demo.shop_front import Away, Said, ShopFront
from headwater.events import inbox, metrics


@dataclass
class Bustle:
    """`turn` it again and again: it does what has become due since."""

    workspace_id: int
    front: ShopFront
    readers: Readers | None
    """None where mail goes to another server than the local mailbox."""
    moments: deque[Moment]
    sign_ups: deque[SignUp]

    def turn(self, now: datetime) -> None:
        said: list[Said] = []
        while self.moments and self.moments[0].at <= now:
            said.append(self.moments.popleft().said)
        if self.readers is not None:
            said.extend(self.readers.turn(now))
            self._report(self.readers.complaints, now)
        with suppress(Away):  # what waits goes with the next turn
            self.front.say(said)
        new: list[SignUp] = []
        while self.sign_ups and self.sign_ups[0].at <= now:
            new.append(self.sign_ups.popleft())
        if new:
            with database.transaction() as conn:
                sign_up(conn, self.workspace_id, new, now)

    def _report(self, complaints: list[MessageToken], now: datetime) -> None:
        """What mailbox providers report, as whoever gets their reports hands it on."""
        if complaints:
            with database.transaction() as conn:
                inbox.put(conn, self.workspace_id, [complaint(one, now) for one in complaints], now)
            complaints.clear()


def complaint(named: MessageToken, now: datetime) -> bytes:
    """Somebody has marked this message as spam."""
    return inbox.item(
        type="track",
        id=f"complaint-{named.message_id}",
        ts=now,
        user={"profile_id": named.profile_id},
        metric=metrics.MARKED_AS_SPAM,
        properties={"message_id": named.message_id},
    )


def sign_up(conn: Connection, workspace_id: int, new: list[SignUp], now: datetime) -> list[int]:
    """They ask for the newsletter, as with the form on the shop's page; answers their profiles."""
    newsletter = lists.find(conn, workspace_id, NEWSLETTER)
    assert newsletter is not None, "loading makes the list"
    people = [one.person for one in new]
    identity.lock(conn, workspace_id)
    claims = [Claim(external_id=person.email, email=person.email) for person in people]
    ids = identity.resolve(conn, workspace_id, claims, now)
    profiles.write(conn, workspace_id, {one: person.traits for one, person in zip(ids, people, strict=True)}, now)
    wish = Wish("form", {"form": "Newsletter, at the foot of every page"}, subscribing=True)
    joining.join(conn, workspace_id, newsletter, ids, now, wish)
    return ids
