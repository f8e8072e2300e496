"""The second factor: what of it stands in the database is encrypted, and passkeys belong to the instance's own host."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet

from headwater.core import settings


def _vault() -> Fernet:
    key = hashlib.sha256(b"headwater two-factor secrets\0" + settings.current().secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class TwoFactorAdapter(DefaultMFAAdapter):
    """What allauth asks of this instance."""

    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises InvalidToken if HEADWATER_SECRET_KEY has changed; `headwater users reset-two-factor` begins anew."""
        return _vault().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.current().base_url).hostname or "localhost", "name": "Headwater"}


@dataclass(frozen=True)
class Factors:
    """What someone proves themselves with beside their password."""

    totp: bool
    passkeys: int
    recovery_codes: bool


def of(user_id: int) -> Factors:
    kinds = list(Authenticator.objects.filter(user_id=user_id).values_list("type", flat=True))
    return Factors(
        totp=Authenticator.Type.TOTP in kinds,
        passkeys=kinds.count(Authenticator.Type.WEBAUTHN),
        recovery_codes=Authenticator.Type.RECOVERY_CODES in kinds,
    )
