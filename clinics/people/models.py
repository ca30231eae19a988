"""People who sign in: a clinic's staff in the clinic's schema, the platform's operators in public."""

from __future__ import annotations

import hashlib
import uuid

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from clinics.models import e164_rule
from clinics.people.roles import LABELS, Role


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def with_role(self, *roles: Role) -> UserQuerySet:
        return self.filter(role__in=roles)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        if not email:
            raise ValueError("A person needs an e-mail address to sign in with.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        fields |= {"is_staff": True, "is_superuser": True, "role": Role.OPERATOR}
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, email: str) -> User:
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """One person in one schema. Who works in two clinics has two of these, as patient data asks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12, choices=[(role.value, gettext_lazy(LABELS[role.value])) for role in Role])
    phone = models.CharField(
        max_length=16,
        blank=True,
        validators=[e164_rule],
        help_text="Where they are rung and texted when they are on call; blank: nowhere",
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May enter the operators' admin (public schema only)")
    joined_at = models.DateTimeField(auto_now_add=True)
    speaks_spanish = models.BooleanField(default=False, db_default=False, help_text="Speaks Spanish with callers")
    single_keys = models.BooleanField(default=True, help_text="Whether single letters act as keys in the portal")
    language = models.CharField(
        max_length=2, blank=True, choices=settings.LANGUAGES, help_text="Of the portal; blank: the clinic's"
    )
    totp_step = models.BigIntegerField(null=True, editable=False, help_text="The step of the last code that was used")
    signed_out_at = models.DateTimeField(null=True, editable=False, help_text="Trust given before this is void")

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def speaks(self) -> frozenset[str]:
        """The languages in which callers can be handed over to this person."""
        return frozenset({"en", "es"} if self.speaks_spanish else {"en"})


class ApiToken(models.Model):
    """A key to the API for one person. Only its SHA-256 is kept, so a leaked table opens nothing."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token of {self.user_id}"

    @staticmethod
    def digest_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()


class SignInTries(models.Model):
    """How often signing in failed of late, per digest of a person and an address, of a person, or of an address.

    A row, not a cache entry: flushing the cache must not give an attacker fresh tries.
    """

    bucket = models.CharField(max_length=64, primary_key=True, help_text="A keyed digest: no address is readable here")
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(db_default=Now())
    succeeded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "sign-in tries"

    def __str__(self) -> str:
        return f"{self.failures} since {self.since:%H:%M}"


class SessionQuerySet(models.QuerySet["Session"]):
    def open(self) -> SessionQuerySet:
        """Those that still let somebody in."""
        return self.filter(expire_date__gt=Now())

    def of(self, user: User) -> SessionQuerySet:
        return self.filter(user=user)


class Session(AbstractBaseSession):
    """One browser's session. It ends at `expire_date`: idle for too long, or twelve hours after it began."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField(db_default=Now())
    active_at = models.DateTimeField(db_default=Now(), help_text="When a person last did something in it")
    address = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=80, blank=True, help_text='In words: "Chrome on Windows"')

    objects = SessionQuerySet.as_manager()

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        indexes = [models.Index(fields=["user", "expire_date"])]

    @classmethod
    def get_session_store_class(cls) -> type:
        from clinics.people.sessions import SessionStore  # it imports this module

        return SessionStore


class SignInRules(models.Model):
    """What a clinic lets its people do at the door; one row, or none for the strict defaults."""

    only = models.BooleanField(primary_key=True, default=True)
    trust_computers = models.BooleanField(
        default=False, help_text="Whether a computer may be trusted for twelve hours, without a second step"
    )

    class Meta:
        verbose_name_plural = "sign-in rules"
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="people_one_row_of_sign_in_rules")]

    def __str__(self) -> str:
        return "Sign-in rules"


class Purpose(models.TextChoices):
    """What a link in a letter is for."""

    INVITE = "invite", gettext_lazy("Invitation")
    RESET = "reset", gettext_lazy("New password")
    MOVE = "move", gettext_lazy("New e-mail address")


class LinkQuerySet(models.QuerySet["OneTimeLink"]):
    def open(self) -> LinkQuerySet:
        """Neither used nor withdrawn."""
        return self.filter(used_at=None, withdrawn_at=None)

    def live(self) -> LinkQuerySet:
        """Those that still let somebody in."""
        return self.open().filter(expires_at__gt=Now())

    def invitations(self) -> LinkQuerySet:
        return self.filter(purpose=Purpose.INVITE)


class OneTimeLink(models.Model):
    """A link that works once: to choose a password, or to prove an address. Its token is worked out, not kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    email = models.EmailField()
    former_email = models.EmailField(
        blank=True, db_default="", help_text="What a used link to a new address replaced: told once more"
    )
    role = models.CharField(
        max_length=12, blank=True, choices=[(role.value, gettext_lazy(LABELS[role.value])) for role in Role]
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="links")
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.INVITE, user=None)
                | models.Q(purpose__in=[Purpose.RESET, Purpose.MOVE], user__isnull=False),
                name="people_a_link_names_its_person",
            ),
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(purpose=Purpose.INVITE, used_at=None, withdrawn_at=None),
                name="people_one_open_invitation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.id}"
