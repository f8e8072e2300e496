"""The people who get the show's emails: some open, a few click, look around in the shop and buy, one in 300 leaves.

They do it when it is due on the instance's clock, through the links that the emails carry. What they do in the shop
afterwards is answered by `turn`, for the shop to tell.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from headwater.demo import baskets
from headwater.demo.baskets import Basket
from headwater.demo.letters import Letter, product_of
from headwater.demo.post_office import PostOffice
from headwater.demo.reactions import Act, Deed, dice_for, reaction
from headwater.demo.shop import Product
from headwater.demo.shop_front import Said

_DOORS = frozenset({Deed.OPEN, Deed.SCAN, Deed.CLICK, Deed.UNSUBSCRIBE})
"""Done through what the email carries; the others in the shop."""


@dataclass
class Counted:
    """What readers have done."""

    opened: int = 0
    by_machine: int = 0
    clicked: int = 0
    ordered: int = 0
    spent: float = 0.0
    unsubscribed: int = 0

    def since(self, before: Counted) -> Counted:
        return Counted(
            self.opened - before.opened,
            self.by_machine - before.by_machine,
            self.clicked - before.clicked,
            self.ordered - before.ordered,
            self.spent - before.spent,
            self.unsubscribed - before.unsubscribed,
        )


@dataclass
class _Read:
    """One email in somebody's hands: what they will still do, where its doors are, what they buy if they do."""

    acts: list[Act]
    doors: Mapping[Deed, str]
    basket: Basket | None


@dataclass
class Readers:
    """Everybody with a mailbox. Who is attentive opens each email and does nothing more (by themselves)."""

    post: PostOffice
    customers: Mapping[str, str]
    """The shop's id of a customer, by address; others are known by the address itself."""
    products: Mapping[int, Product]
    popular: Sequence[Product]
    seed: str
    attentive: Collection[str] = ()
    counted: Counted = field(default_factory=Counted)
    _due: list[tuple[datetime, int, _Read]] = field(default_factory=list)
    _numbered: int = 0

    def turn(self, now: datetime) -> list[Said]:
        """Read what has come, do what is due; answers what they did in the shop."""
        for letter in self.post.arrived():
            self._take(letter, now)
        in_mail: list[_Read] = []
        in_shop: list[_Read] = []
        while self._due and self._due[0][0] <= now:
            one = heapq.heappop(self._due)[2]
            (in_mail if one.acts[0].deed in _DOORS else in_shop).append(one)
        self._answer(in_mail, now)
        return [self._shop(one, now) for one in in_shop]

    def _take(self, letter: Letter, now: datetime) -> None:
        dice = dice_for(self.seed, letter.to, letter.subject)
        wanted = reaction(dice, letter.to in self.attentive)
        if not wanted:
            return
        link = dice.choice(letter.links) if letter.links else None
        found = {
            Deed.OPEN: letter.pixel,
            Deed.SCAN: letter.pixel,
            Deed.CLICK: link,
            Deed.UNSUBSCRIBE: letter.unsubscribe,
        }
        doors = {deed: door for deed, door in found.items() if door is not None}
        acts = [act for act in wanted if act.deed in doors or act.deed not in _DOORS]
        shops = any(act.deed not in _DOORS for act in acts)
        read = _Read(acts, doors, self._basket(letter, link, dice) if shops else None)
        self._later(read, now)

    def _basket(self, letter: Letter, link: str | None, dice: Random) -> Basket:
        wanted = product_of(link or "")
        first = self.products.get(int(wanted)) if wanted is not None and wanted.isdecimal() else None
        reference = f"{self.seed}-{dice.getrandbits(40):x}"
        user_id = self.customers.get(letter.to, letter.to)
        return baskets.fill(reference, user_id, self.popular, dice, first if first and first.price else None)

    def _answer(self, reads: Sequence[_Read], now: datetime) -> None:
        """Those in the mail go out together. What got no answer is tried again with the next turn."""
        outcomes = self.post.follow([(one.acts[0].deed, one.doors[one.acts[0].deed]) for one in reads])
        for one, done in zip(reads, outcomes, strict=True):
            if done:
                self._count(one.acts.pop(0).deed)
                self._later(one, now)
            else:
                self._later(one, now, timedelta())

    def _shop(self, read: _Read, now: datetime) -> Said:
        basket, deed = read.basket, read.acts.pop(0).deed
        assert basket is not None, "who goes shopping has a basket"
        self._later(read, now)
        match deed:
            case Deed.VIEW:
                return basket.looked()
            case Deed.CART:
                return basket.put_in_cart()
            case Deed.CHECKOUT:
                return basket.began_checkout()
        self.counted.ordered += 1
        self.counted.spent += basket.value
        return basket.ordered()

    def _later(self, read: _Read, now: datetime, after: timedelta | None = None) -> None:
        if read.acts:
            self._numbered += 1
            at = now + (read.acts[0].after if after is None else after)
            heapq.heappush(self._due, (at, self._numbered, read))

    def _count(self, deed: Deed) -> None:
        counted = self.counted
        counted.opened += deed is Deed.OPEN
        counted.by_machine += deed is Deed.SCAN
        counted.clicked += deed is Deed.CLICK
        counted.unsubscribed += deed is Deed.UNSUBSCRIBE
