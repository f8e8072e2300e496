"""A passkey made and used by an authenticator in software: logging in without a password, at this instance only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from headwater.accounts.models import User
from tests.api.api_client import Answer, Api
from tests.api.browser import PASSWORD, Browser, person

pytestmark = pytest.mark.usefixtures("no_attempts", "outbox")
AUTH = "/_allauth/browser/v1/auth"
ACCOUNT = "/_allauth/browser/v1/account/authenticators/webauthn"
PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


@dataclass
class Authenticator:
    """One key of one person, kept as a phone keeps it."""

    origin: str = "http://localhost:8100"
    rp_id: str = "localhost"
    id: bytes = b"a passkey of the tests"
    user: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        asked = options["publicKey"]
        assert asked["rp"]["id"] == self.rp_id
        self.user = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AuthenticatorData.create(
            hashlib.sha256(self.rp_id.encode()).digest(),
            PRESENT_AND_VERIFIED | AuthenticatorData.FLAG.AT,
            0,
            bytes(AttestedCredentialData.create(Aaguid.NONE, self.id, public)),
        )
        client = self._client(CollectedClientData.TYPE.CREATE, asked["challenge"])
        made = {"attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {})))}
        return self._credential(client, made) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        asked = options["publicKey"]
        data = AuthenticatorData.create(hashlib.sha256(self.rp_id.encode()).digest(), PRESENT_AND_VERIFIED, 1)
        client = self._client(CollectedClientData.TYPE.GET, asked["challenge"])
        signature = self.key.sign(bytes(data) + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        given = {"authenticatorData": websafe_encode(bytes(data)), "signature": websafe_encode(signature)}
        return self._credential(client, given | {"userHandle": self.user})

    def _client(self, kind: str, challenge: str) -> bytes:
        return bytes(CollectedClientData.create(kind, websafe_decode(challenge), self.origin))

    def _credential(self, client: bytes, response: dict[str, str]) -> dict[str, Any]:
        whole = {"clientDataJSON": websafe_encode(client)} | response
        named = websafe_encode(self.id)
        return {"id": named, "rawId": named, "type": "public-key", "response": whole, "clientExtensionResults": {}}


@pytest.fixture
def user(api: Api) -> User:
    return person(api.workspace)


def _enrol(user: User, phone: Authenticator) -> Browser:
    browser = Browser()
    assert browser.log_in(user.email).status == 200
    browser.post(f"{AUTH}/reauthenticate", {"password": PASSWORD})
    offered = browser.get(f"{ACCOUNT}?passwordless")
    assert offered.status == 200, offered
    credential = phone.register(offered["data"]["creation_options"])
    added = browser.post(ACCOUNT, {"name": "My phone", "credential": credential})
    assert (added.status, added["data"]["name"]) == (200, "My phone")
    return browser


def _log_in(phone: Authenticator) -> tuple[Browser, Answer]:
    browser = Browser()
    options = browser.get(f"{AUTH}/webauthn/login")["data"]["request_options"]
    return browser, browser.post(f"{AUTH}/webauthn/login", {"credential": phone.sign(options)})


def test_a_passkey_logs_in_by_itself(user: User) -> None:
    phone = Authenticator()
    assert _enrol(user, phone).get("/me")["user"]["two_factor"]["passkeys"] == 1
    browser, answer = _log_in(phone)
    assert answer.status == 200, answer
    assert browser.get("/me")["user"]["email"] == user.email


def test_another_key_does_not(user: User) -> None:
    phone = Authenticator()
    _enrol(user, phone)
    forged = Authenticator(user=phone.user)
    browser, answer = _log_in(forged)
    assert (answer.status, browser.get("/me").status) == (400, 401)


def test_a_passkey_of_another_site_does_not(user: User) -> None:
    phone = Authenticator()
    _enrol(user, phone)
    phone.rp_id = "elsewhere.example"
    browser, answer = _log_in(phone)
    assert (answer.status, browser.get("/me").status) == (400, 401)


def test_an_answer_that_was_overheard_is_of_no_use(user: User) -> None:
    phone = Authenticator()
    _enrol(user, phone)
    first = Browser()
    heard = phone.sign(first.get(f"{AUTH}/webauthn/login")["data"]["request_options"])
    assert first.post(f"{AUTH}/webauthn/login", {"credential": heard}).status == 200
    other = Browser()
    other.get(f"{AUTH}/webauthn/login")
    assert other.post(f"{AUTH}/webauthn/login", {"credential": heard}).status == 400
