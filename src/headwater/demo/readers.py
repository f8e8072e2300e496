"""The people who get the show's emails: some open, a few click, look around in the shop and buy, with a code if they
were given one; one in 300 leaves, one in 5,000 complains.

They do it when it is due on the instance's clock, through the links that the emails carry. What they do in the shop
afterwards is answered by `turn`, for the shop to tell.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from headwater.core import signing
from headwater.core.signing import MessageToken
from headwater.demo import baskets
from headwater.demo.baskets import Basket
from headwater.demo.letters import Letter, product_of
from headwater.demo.post_office import PostOffice
from headwater.demo.reactions import Act, Deed, dice_for, reaction
from headwater.demo.shop import Product
from headwater.demo.shop_front import Said

_DOORS = frozenset({Deed.OPEN, Deed.SCAN, Deed.CLICK, Deed.UNSUBSCRIBE})
"""Done through what the email carries."""
_IN_SHOP = frozenset({Deed.VIEW, Deed.CART, Deed.CHECKOUT, Deed.ORDER})


@dataclass
class Counted:
    """What readers have done."""

    opened: int = 0
    by_machine: int = 0
    clicked: int = 0
    ordered: int = 0
    spent: float = 0.0
    unsubscribed: int = 0
    complained: int = 0

    def since(self, before: Counted) -> Counted:
        return Counted(
            self.opened - before.opened,
            self.by_machine - before.by_machine,
            self.clicked - before.clicked,
            self.ordered - before.ordered,
            self.spent - before.spent,
            self.unsubscribed - before.unsubscribed,
            self.complained - before.complained,
        )


@dataclass
class _Read:
    """One email in somebody's hands: what they will still do, where its doors are, what they buy if they do."""

    at: datetime
    """When the first of the acts is due."""
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
    complaints: list[MessageToken] = field(default_factory=list)
    """About which messages their providers have still to report them."""
    _due: list[tuple[datetime, int, _Read]] = field(default_factory=list)
    _numbered: int = 0

    def turn(self, now: datetime) -> list[Said]:
        """Read what has come, do what is due; answers what they did in the shop.

        Who clicks is in the shop at the next turn: by then it is known that they clicked.
        """
        in_mail: list[_Read] = []
        said: list[Said] = []
        while self._due and self._due[0][0] <= now:
            one = heapq.heappop(self._due)[2]
            deed = one.acts[0].deed
            if deed in _DOORS:
                in_mail.append(one)
            elif deed in _IN_SHOP:
                said.append(self._shop(one))
            else:
                self._complain(one)
        self._answer(in_mail)
        for letter in self.post.arrived():
            self._take(letter, now)
        return said

    def _take(self, letter: Letter, now: datetime) -> None:
        dice = dice_for(self.seed, letter.to, letter.subject)
        wanted = reaction(dice, letter.to in self.attentive, letter.code is not None)
        if not wanted:
            return
        link = dice.choice(letter.links) if letter.links else None
        found = {
            Deed.OPEN: letter.pixel,
            Deed.SCAN: letter.pixel,
            Deed.CLICK: link,
            Deed.UNSUBSCRIBE: letter.unsubscribe,
            Deed.COMPLAIN: letter.unsubscribe,
        }
        doors = {deed: door for deed, door in found.items() if door is not None}
        acts = [act for act in wanted if act.deed in doors or act.deed in _IN_SHOP]
        shops = any(act.deed in _IN_SHOP for act in acts)
        basket = self._basket(letter, link, dice) if shops else None
        if acts:
            self._wait(_Read(now + acts[0].after, acts, doors, basket))

    def _basket(self, letter: Letter, link: str | None, dice: Random) -> Basket:
        wanted = product_of(link or "")
        first = self.products.get(int(wanted)) if wanted is not None and wanted.isdecimal() else None
        reference = f"{self.seed}-{dice.getrandbits(40):x}"
        first = first if first and first.price else None
        user_id = self.customers.get(letter.to, letter.to)
        return baskets.fill(reference, user_id, self.popular, dice, first, letter.code)

    def _answer(self, reads: Sequence[_Read]) -> None:
        """Those in the mail go out together. What got no answer is tried again with the next turn."""
        outcomes = self.post.follow([(one.acts[0].deed, one.doors[one.acts[0].deed]) for one in reads])
        for one, done in zip(reads, outcomes, strict=True):
            if done:
                self._count(one.acts[0].deed)
                self._go_on(one)
            else:
                self._wait(one)

    def _shop(self, read: _Read) -> Said:
        basket, deed = read.basket, read.acts[0].deed
        assert basket is not None, "who goes shopping has a basket"
        self._go_on(read)
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

    def _complain(self, read: _Read) -> None:
        """Their provider gets the email back, whose way out names the message."""
        self.complaints.append(signing.read_token("unsubscribe", read.doors[Deed.COMPLAIN].rpartition("/")[2]))
        self.counted.complained += 1
        self._go_on(read)

    def _go_on(self, read: _Read) -> None:
        """One act is done; the next follows it at its distance, however late the turn is that sees it."""
        read.acts.pop(0)
        if read.acts:
            read.at += read.acts[0].after
            self._wait(read)

    def _wait(self, read: _Read) -> None:
        self._numbered += 1
        heapq.heappush(self._due, (read.at, self._numbered, read))

    def _count(self, deed: Deed) -> None:
        counted = self.counted
        counted.opened += deed is Deed.OPEN
        counted.by_machine += deed is Deed.SCAN
        counted.clicked += deed is Deed.CLICK
        counted.unsubscribed += deed is Deed.UNSUBSCRIBE
