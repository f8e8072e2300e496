"""Who may make an account: the very first person of an instance, who then runs it. Everyone else is invited."""

from __future__ import annotations

import logging
import smtplib
from contextlib import suppress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse

from headwater.accounts.models import User
from headwater.core.problems import problem

log = logging.getLogger(__name__)


def is_open() -> bool:
    """Whether nobody has an account yet."""
    return not User.objects.exists()


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks of this instance."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return is_open()

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """The first account, which runs the instance. Of several at the same moment one is first, the others come late.

        Raises PermissionDenied for the others.
        """
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('headwater: first account'))")
            if not is_open():
                raise PermissionDenied("Someone made the first account a moment ago. Ask them for an invitation.")
            user.is_superuser = user.is_staff = True
            return super().save_user(request, user, form, commit)

    def should_send_confirmation_mail(self, request: HttpRequest, email_address: Any, signup: bool) -> bool:
        """Not at sign-up: who makes the first account runs the instance, and may have to set up its mail first."""
        return not signup

    def send_notification_mail(self, *given: Any, **named: Any) -> None:
        """What it tells of has happened: if it can't be sent, that stands in the log, and the answer is still yes."""
        with suppress(ImmediateHttpResponse):
            super().send_notification_mail(*given, **named)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """An email that can't be handed over is an error of 503 that says so, not a silence."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as error:
            log.exception("account_mail_failed")
            said = problem(503, "The email could not be sent: the mail server does not take it. Try again later.")
            raise ImmediateHttpResponse(JsonResponse(said, status=503)) from error
