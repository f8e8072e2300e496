"""Django's settings, derived from `core.settings`. Django serves accounts, sessions, migrations and the API."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from headwater.core import database, settings

_current = settings.current()
_connection = conninfo_to_dict(database.url())

SECRET_KEY = _current.secret_key
DEBUG = _current.debug
ALLOWED_HOSTS = ["*"] if urlsplit(_current.base_url).hostname in ("localhost", "127.0.0.1") else [
    urlsplit(_current.base_url).hostname or "", "localhost", "127.0.0.1",
]  # fmt: skip
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(_current.base_url))]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "ninja",
    "headwater.core",
    "headwater.accounts",
    "headwater.audience",
    "headwater.events",
    "headwater.segments",
    "headwater.catalog",
    "headwater.content",
    "headwater.delivery",
    "headwater.flows",
    "headwater.campaigns",
    "headwater.insights",
    "headwater.api",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "headwater.api.errors.json_errors",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "headwater.api.urls"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _connection.pop("dbname", "headwater"),
        "USER": _connection.pop("user", ""),
        "PASSWORD": _connection.pop("password", ""),
        "HOST": _connection.pop("host", ""),
        "PORT": str(_connection.pop("port", "")),
        "OPTIONS": dict(_connection),
        # Under ASGI each request has a thread of its own: a connection kept with it would outlive it, unused, until the
        # server has no more to give.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }
}
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}}
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
CACHES = {
    # Counts of attempts (log-ins, password resets) and used one-time codes. In the database, so that all web processes
    # count together and a restart does not begin anew.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "attempt_cache"}
}

# Accounts: allauth's headless API under /_allauth/; the app has the pages.
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{_current.base_url}/verify-email/{{key}}",
    "account_reset_password": f"{_current.base_url}/forgot",
    "account_reset_password_from_key": f"{_current.base_url}/reset/{{key}}",
    "account_signup": f"{_current.base_url}/signup",
}
ALLAUTH_TRUSTED_PROXY_COUNT = _current.trusted_proxies
ACCOUNT_ADAPTER = "headwater.accounts.sign_up.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "headwater.accounts.two_factor.TwoFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Headwater"
MFA_TOTP_TOLERANCE = 1  # the code before and after: people's clocks differ
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _current.base_url.startswith("https://")

EMAIL_BACKEND = "headwater.delivery.transports.account_mail.AccountMail"
DEFAULT_FROM_EMAIL = _current.account_mail_from
SERVER_EMAIL = parseaddr(_current.account_mail_from)[1]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _current.base_url.startswith("https://")
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
LOGGING_CONFIG = None
