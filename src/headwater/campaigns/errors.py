"""What can be wrong with a campaign, in words for the marketer who can put it right."""

from __future__ import annotations


class CampaignError(ValueError):
    """It can't be saved or scheduled like this; `field` says which of its fields is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class WrongStatus(Exception):
    """It is too late (or too early) for this: the message says what the campaign is doing."""
