"""The email that carries an invitation's link. Sent at once by the instance's SMTP server; no marketing mail."""

from __future__ import annotations

import logging
import smtplib

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from headwater.accounts.invitations import Invitation
from headwater.core import settings

log = logging.getLogger(__name__)


def link(token: str) -> str:
    """The page of the app where it is accepted."""
    return f"{settings.current().base_url}/invitation/{token}"


def send(invitation: Invitation, token: str) -> bool:
    """Email the link; False, and a line in the log, if the mail server does not take it."""
    text = render_to_string("accounts/invitation.txt", {"invitation": invitation, "link": link(token)})
    brand = " ".join(invitation.brand.split())
    try:
        EmailMessage(f"You are invited to {brand}", text, to=[invitation.email]).send()
    except (OSError, smtplib.SMTPException):
        log.exception("invitation_mail_failed")
        return False
    return True
