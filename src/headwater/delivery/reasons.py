"""Why a message was skipped, cancelled or failed: the closed list that the ledger stores and people read.

Knows nothing of how a reason is found; `gates` and `claiming` do.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Stored in `message.reason`; `words` are what people read."""

    # The person.
    PERSON_DELETED = "person_deleted"
    MERGED_AWAY = "merged_away"
    MISSING_EMAIL = "missing_email"
    INVALID_ADDRESS = "invalid_address"
    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    NOT_CONSENTED = "not_consented"
    ERASED_ADDRESS = "erased_address"
    # The flow or campaign behind it.
    FAILED_FLOW_FILTERS = "failed_flow_filters"
    FAILED_ADDITIONAL_FILTERS = "failed_additional_filters"
    FAILED_EXIT_CONDITION = "failed_exit_condition"
    NOT_IN_AUDIENCE = "not_in_audience"
    FLOW_ARCHIVED = "flow_archived"
    GOAL_REACHED = "goal_reached"
    NOT_REVIEWED = "not_reviewed"
    MESSAGE_DRAFT = "message_draft"
    CANCELLED = "cancelled"
    # How often and when.
    SMART_SENDING = "smart_sending"
    OUTRANKED = "outranked"
    FREQUENCY_CAPPED = "frequency_capped"
    QUIET_HOURS_EXPIRED = "quiet_hours_expired"
    STALE_EVENT = "stale_event"
    OVERDUE = "overdue"
    # The content.
    TEMPLATE_ERROR = "template_error"
    CATALOG_ITEM_UNAVAILABLE = "catalog_item_unavailable"
    COUPON_UNAVAILABLE = "coupon_unavailable"
    RENDERED_TOO_LARGE = "rendered_too_large"
    UNSUBSCRIBE_LINK_MISSING = "unsubscribe_link_missing"
    # The sender.
    INVALID_FROM_ADDRESS = "invalid_from_address"
    # The attempt.
    REFUSED_BY_SERVER = "refused_by_server"
    GAVE_UP = "gave_up"
    UNEXPECTED = "unexpected"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Reason.PERSON_DELETED: "Person deleted",
    Reason.MERGED_AWAY: "Merged into another profile",
    Reason.MISSING_EMAIL: "Missing email address",
    Reason.INVALID_ADDRESS: "Invalid email address",
    Reason.SUPPRESSED: "Suppressed",
    Reason.UNSUBSCRIBED: "Unsubscribed",
    Reason.NOT_CONSENTED: "Never subscribed, and this brand asks for consent",
    Reason.ERASED_ADDRESS: "The person asked to be erased",
    Reason.FAILED_FLOW_FILTERS: "Fails the flow's filters",
    Reason.FAILED_ADDITIONAL_FILTERS: "Fails the message's own filters",
    Reason.FAILED_EXIT_CONDITION: "An exit condition was met",
    Reason.NOT_IN_AUDIENCE: "No longer in the list or segment",
    Reason.FLOW_ARCHIVED: "The flow is archived",
    Reason.GOAL_REACHED: "The flow's goal was reached",
    Reason.NOT_REVIEWED: "Declined in review",
    Reason.MESSAGE_DRAFT: "The message is a draft",
    Reason.CANCELLED: "Cancelled",
    Reason.SMART_SENDING: "Got another email recently (smart sending)",
    Reason.OUTRANKED: "A more important flow is about to write",
    Reason.FREQUENCY_CAPPED: "Over the frequency cap",
    Reason.QUIET_HOURS_EXPIRED: "Quiet hours outlasted the message",
    Reason.STALE_EVENT: "Waited past its latest moment",
    Reason.OVERDUE: "Due while the flow was paused",
    Reason.TEMPLATE_ERROR: "Error in the template",
    Reason.CATALOG_ITEM_UNAVAILABLE: "The product is no longer available",
    Reason.COUPON_UNAVAILABLE: "No coupon code left",
    Reason.RENDERED_TOO_LARGE: "The email is too large",
    Reason.UNSUBSCRIBE_LINK_MISSING: "The email has no unsubscribe link",
    Reason.INVALID_FROM_ADDRESS: "Invalid sender address",
    Reason.REFUSED_BY_SERVER: "Refused by the receiving server",
    Reason.GAVE_UP: "Given up after a day of attempts",
    Reason.UNEXPECTED: "Unable to send",
}
