"""The standard metrics by name, spelled once. Pure."""

from __future__ import annotations

PLACED_ORDER = "Placed Order"
VIEWED_PRODUCT = "Viewed Product"
ADDED_TO_CART = "Added to Cart"
STARTED_CHECKOUT = "Started Checkout"
OPENED_EMAIL = "Opened Email"
CLICKED_EMAIL = "Clicked Email"
BOUNCED_EMAIL = "Bounced Email"
MARKED_AS_SPAM = "Marked Email as Spam"
UNSUBSCRIBED = "Unsubscribed"
COUPON_ASSIGNED = "Coupon Assigned"
ACTIVE_ON_SITE = "Active on Site"
ENTERED_SEGMENT = "Entered Segment"
LEFT_SEGMENT = "Left Segment"
PRICE_DROPPED = "Price Dropped"
LOW_IN_STOCK = "Low in Stock"
STARTED_FLOW = "Started Flow"

RESERVED = frozenset(
    {
        OPENED_EMAIL, CLICKED_EMAIL, BOUNCED_EMAIL, MARKED_AS_SPAM, UNSUBSCRIBED, COUPON_ASSIGNED,
        ENTERED_SEGMENT, LEFT_SEGMENT, PRICE_DROPPED, LOW_IN_STOCK, STARTED_FLOW,
    }
)  # fmt: skip
"""What changes consent, the ledger or membership, or starts a flow by its name: a public key may not report it."""
