"""Reviews for the demo's popular products, made up from a seed and written as customers write. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from headwater.catalog.reviews import Review
from headwater.demo import names
from headwater.demo.shop import ENDED, Product

_BODIES = {
    5: (
        "On our list every week. I tried another once and came back.",
        "Better than I expected for the price. It was gone in two days.",
        "Fresh, well packed, and here when they said it would be.",
        "My daughter, who likes nothing, asked for more. That says it all.",
        "I have bought this for a year now and it has never let me down.",
        "We served it to guests and two of them asked where it was from.",
        "Just what it says it is. I wish more things were.",
        "I order two at a time now, because one does not last the week.",
    ),
    4: (
        "Very good. I would like a bigger pack, we finish it too quickly.",
        "Does what it should at a fair price. I will buy it again.",
        "Good quality. The box had a dent, but what was inside was fine.",
        "A solid choice for every day. Nothing fancy, and that is the point.",
        "Tastes as good as the well-known one and costs less.",
    ),
    3: ("It is all right. I expected a little more from what others wrote.", "Fine, though I have had better."),
    2: ("Not for me, sorry. The rest of the family finished it, though.",),
}
_RATINGS = (5, 5, 5, 5, 4, 4, 4, 3, 3, 2)


def write(popular: Sequence[Product], count: int, seed: int) -> list[Review]:
    """`count` reviews over these products, the more popular ones with more of them."""
    dice = Random(seed)  # noqa: S311 - made-up opinions, not secrets
    made = []
    for number in range(count):
        product = popular[int(len(popular) * dice.random() ** 2)]
        rating = dice.choice(_RATINGS)
        made.append(
            Review(
                id=f"demo-{number}",
                product_id=product.id,
                rating=rating,
                author=names.reviewer(dice.randint(1, 1_000_000)),
                body=dice.choice(_BODIES[rating]),
                created_at=ENDED - timedelta(minutes=dice.randint(1, 60 * 24 * 330)),
            )
        )
    return made
