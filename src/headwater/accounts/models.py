"""Workspaces, users, their roles, and API keys. Every other table carries `workspace_id`, which leads here."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class Workspace(models.Model):
    """A brand: its audience, events, flows, campaigns and sender identity. Nothing crosses workspaces."""

    name = models.TextField()
    slug = models.SlugField(unique=True)
    timezone = models.TextField(default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    from_name = models.TextField(blank=True, default="")
    from_email = models.TextField(blank=True, default="")
    reply_to = models.TextField(blank=True, default="")
    postal_address = models.TextField(blank=True, default="")
    website_url = models.TextField(blank=True, default="")
    brand_color = models.CharField(max_length=7, blank=True, default="", db_default="")
    """As #rrggbb; empty: none chosen."""
    logo_url = models.TextField(blank=True, default="", db_default="")
    smart_sending_hours = models.PositiveSmallIntegerField(default=16)
    require_consent = models.BooleanField(default=False)
    """True: only subscribed profiles get marketing email; False: never-subscribed ones may too."""
    quiet_hours = models.JSONField(null=True, blank=True, default=None)
    frequency_caps = models.JSONField(blank=True, default=list, db_default=models.Value([], models.JSONField()))
    """Both in the shapes of accounts/limits.py."""
    created_at = models.DateTimeField()

    class Meta:
        db_table = "workspace"

    def __str__(self) -> str:
        return self.name


class Users(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = User(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, is_staff=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in, by email."""

    email = models.EmailField(unique=True)
    name = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    objects: ClassVar[Users] = Users()
    USERNAME_FIELD = "email"

    class Meta:
        db_table = "app_user"


class Membership(models.Model):
    """A user's role in a workspace."""

    ROLES: ClassVar = [("owner", "Owner"), ("admin", "Admin"), ("marketer", "Marketer"), ("analyst", "Analyst")]
    """What each may: accounts/roles.py."""
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    role = models.CharField(max_length=20, choices=ROLES)

    class Meta:
        db_table = "membership"
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "workspace"], name="membership_once")]


class Invitation(models.Model):
    """An address asked into a workspace with a role. Its link holds a 256-bit secret, of which a digest stays."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    email = models.TextField()
    """In lower case."""
    role = models.CharField(max_length=20, choices=Membership.ROLES)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    """None: a private key invited, or that person is gone."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "invitation"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(accepted_at__isnull=True),
                name="invitation_open_once",
            )
        ]


class ApiKey(models.Model):
    """A private key (`hw_sk_…`: full API) or a write key (`hw_wk_…`: may only send events).

    Private keys are stored as a SHA-256 of a 256-bit random secret; a write key is public by nature (it stands in
    browsers), so it is kept as it is and can be shown again.
    """

    KINDS: ClassVar = [("private", "Private"), ("write", "Write")]
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    kind = models.CharField(max_length=10, choices=KINDS)
    name = models.TextField(blank=True, default="")
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    public = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "api_key"
