"""Django's way to the instance's SMTP server: how the emails about accounts leave. Knows nothing of campaigns' mail."""

from __future__ import annotations

import ssl
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

from headwater.core import settings
from headwater.delivery.transports.target import SmtpTarget

SECONDS = 10


class AccountMail(EmailBackend):
    """Hands email to HEADWATER_SMTP_URL, protected as SmtpTarget says."""

    def __init__(self, **given: Any) -> None:
        self.target = SmtpTarget.from_url(settings.current().smtp_url)
        implicit = self.target.protection == "implicit"
        super().__init__(
            host=self.target.host,
            port=self.target.port,
            username=self.target.user or "",
            password=self.target.password or "",
            use_tls=self.target.requires_tls and not implicit,
            use_ssl=implicit,
            timeout=SECONDS,
            fail_silently=given.get("fail_silently", False),
        )

    @property
    def ssl_context(self) -> ssl.SSLContext:
        return self.target.tls_context()

    def open(self) -> bool | None:
        opened = super().open()
        if opened and not self.target.requires_tls:
            self.connection.ehlo_or_helo_if_needed()
            if self.connection.has_extn("starttls"):
                self.connection.starttls(context=self.ssl_context)
        return opened
