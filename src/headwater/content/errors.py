"""What can be wrong with an email's content, in words for the marketer who can put it right.

TemplateError: the email cannot be saved or sent to anyone. RenderError: it cannot be made for this one person.
"""

from __future__ import annotations


class TemplateError(ValueError):
    """The document itself is wrong. `field` names the part (subject, mjml, text, data), `line` the place in it."""

    def __init__(self, message: str, *, line: int | None = None, field: str | None = None) -> None:
        self.message = message
        self.line = line
        self.field = field
        super().__init__(message)

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.field or "", f"line {self.line}" if self.line else "") if part)
        return f"{self.message} ({place})" if place else self.message

    def within(self, field: str) -> TemplateError:
        """The same problem, with the part of the document it is in."""
        return TemplateError(self.message, line=self.line, field=self.field or field)


class EditedMeanwhile(ValueError):
    """Somebody saved another version since the one that this edit began with; `current` is theirs."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__(
            "Somebody saved another version of this email after you opened it. Nothing was overwritten and what you "
            "wrote is still here: look at their version, then save yours over it or as a new email."
        )


class RenderError(ValueError):
    """This person's copy cannot be made; the message is skipped with this reason."""


class LimitExceeded(RenderError):
    """The template asked for more output, loops or memory than one email may take."""


class TooLarge(LimitExceeded):
    """It came out larger than an email may be."""


class UnsubscribeLinkMissing(RenderError):
    """A marketing email came out without a way out of it, as it may where the link stands under a condition."""
