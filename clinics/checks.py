"""What must be true before anything is served: system checks with ids, run by every command and at each start."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import models

PATIENT_APPS = frozenset({"calls", "tasks", "escalations", "analytics", "clinics.practice", "auditlog", "guardian"})
SHARED_BY_DESIGN = frozenset({"clinics", "notifications"})
PATIENT_FIELDS = frozenset(
    [
        "patient_name",
        "date_of_birth",
        "callback_number",
        "from_number",
        "words",
        "digits",
        "said",
        "summary",
        "details",
        "transcript",
    ]
)
SPOKEN = frozenset(["filled", "findings", "reply", "note", "text", "outcome_reason"])
"""Further fields in which a patient's words stand, under names that other tables use for other things."""
OLDEST_TENANTS = (4, 0, 1)


@register(Tags.security)
def patients_stay_in_their_clinic(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """No app and no field with patient data lives in the public schema."""
    from django.apps import apps

    found: list[CheckMessage] = []
    for app in sorted(PATIENT_APPS & set(settings.SHARED_APPS)):
        hint = "A table of this name in public would answer for a clinic that lacks its own. Move it to TENANT_APPS."
        found.append(Error(f"{app} holds patient data and is in SHARED_APPS.", hint=hint, id="clinics.E001"))
    for name in sorted(SHARED_BY_DESIGN):
        for model in apps.get_app_config(name).get_models():
            for field in {field.name for field in model._meta.get_fields()} & PATIENT_FIELDS:
                message = f"{model.__name__}.{field} would put patient data into the public schema."
                found.append(Error(message, hint="Keep an id here and the words in the clinic.", id="clinics.E002"))
    return found


@register(Tags.security)
def patients_words_are_sealed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """No table of a clinic holds a patient's name, number or words in plain text."""
    from django.apps import apps

    from clinics.sealing.fields import SealedField

    found: list[CheckMessage] = []
    for app in sorted(PATIENT_APPS - {"auditlog", "guardian", "clinics.practice"}):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if field.name in PATIENT_FIELDS | SPOKEN and not isinstance(field, SealedField):
                    message = f"{model.__name__}.{field.name} would hold a patient's words in plain text."
                    found.append(Error(message, hint="Take a field of clinics/sealing/fields.py.", id="clinics.E012"))
    return found


@register(Tags.database)
def search_paths_are_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """django-tenants forgets its search path on rollback (4.0.1), sends it once per change, and has its router."""
    found: list[CheckMessage] = []
    installed = tuple(int(part) for part in version("django-tenants").split(".")[:3] if part.isdigit())
    if installed < OLDEST_TENANTS:
        message = "django-tenants before 4.0.1 believes a search path that a rollback has undone."
        found.append(Error(message, hint="Install the pinned requirements.", id="clinics.E003"))
    if not getattr(settings, "TENANT_LIMIT_SET_CALLS", False):
        message = "TENANT_LIMIT_SET_CALLS is off: every statement is sent twice."
        found.append(checks.Warning(message, id="clinics.W001"))
    if getattr(settings, "SHOW_PUBLIC_IF_NO_TENANT_FOUND", False):
        message = "SHOW_PUBLIC_IF_NO_TENANT_FOUND would serve the public schema to unknown hosts."
        found.append(Error(message, id="clinics.E004"))
    return found


ORDER = (
    "clinics.tenancy.ClinicMiddleware",
    "clinics.people.sessions.ClinicSessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
AUDITED = "clinics.audit.AuditMiddleware"  # anywhere behind the door: it asks for the person only when it writes


@register(Tags.security)
def the_door_comes_first(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The clinic is known before a session is looked for and before anything is written down."""
    missing = [name for name in (*ORDER, AUDITED) if name not in settings.MIDDLEWARE]
    if missing:
        return [Error(f"MIDDLEWARE lacks {', '.join(missing)}.", id="clinics.E005")]
    places = [settings.MIDDLEWARE.index(name) for name in ORDER]
    if places != sorted(places) or settings.MIDDLEWARE.index(AUDITED) < places[0]:
        return [Error(f"MIDDLEWARE must have this order: {', '.join(ORDER)}.", id="clinics.E006")]
    return []


@register(Tags.security)
def sessions_belong_to_a_schema(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Only our session store seals a session with its schema."""
    if settings.SESSION_ENGINE != "clinics.people.sessions":
        message = "SESSION_ENGINE must be clinics.people.sessions: another store opens one clinic's session in another."
        return [Error(message, id="clinics.E007")]
    return []


@register(Tags.security)
def nothing_of_the_demo_in_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The demo's account, token and plain HTTP end where DEBUG does."""
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    if set(settings.TWILIO_ACCOUNT_SID[2:]) <= {"0"} or settings.TWILIO_AUTH_TOKEN == "demo-auth-token":  # noqa: S105
        message = "The demo's Twilio credentials are public knowledge: anyone could sign webhooks with them."
        found.append(Error(message, hint="Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.", id="clinics.E008"))
    if settings.PUBLIC_SCHEME != "https":
        message = "PUBLIC_SCHEME=http sends patient data and session cookies in the clear."
        found.append(Error(message, hint="Set PUBLIC_SCHEME=https.", id="clinics.E009"))
    return found


@register(Tags.security, deploy=True)
def strangers_on_the_wire_read_nothing(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What leaves the machine for PostgreSQL and Redis is encrypted, and people prove who they are twice."""
    found: list[CheckMessage] = []
    database = settings.DATABASES["default"]
    if not _stays_here(database["HOST"]) and database["OPTIONS"].get("sslmode") not in VERIFIED:
        message = "DATABASE_URL lets patient data go to another machine that nobody has verified."
        found.append(checks.Warning(message, hint="Add ?sslmode=verify-full.", id="clinics.W002"))
    for name in ("REDIS_URL", "CACHE_URL", "BROKER_URL"):
        url = urlsplit(getattr(settings, name))
        if url.scheme in ("redis", "amqp") and not _stays_here(url.hostname or ""):
            message = f"{name} goes to another machine in the clear."
            found.append(
                checks.Warning(message, hint="Write rediss:// or amqps:// and give it a password.", id="clinics.W003")
            )
    if not settings.REQUIRE_MFA:
        message = "REQUIRE_MFA=0: a guessed or stolen password is enough to read patients' records."
        found.append(checks.Warning(message, hint="Set REQUIRE_MFA=1.", id="clinics.W004"))
    return found


VERIFIED = frozenset({"verify-ca", "verify-full"})


def _stays_here(host: str) -> bool:
    return host in ("", "localhost", "127.0.0.1", "::1") or host.startswith("/")


@register(Tags.security, deploy=True)
def backups_have_a_place(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without one nobody keeps the clinics but whoever remembers to."""
    if settings.BACKUPS is None:
        message = "No clinic is backed up by itself: what a disk or a mistake takes away is gone."
        hint = "Set BACKUP_DIR to a folder on another disk that the workers may write into: docs/runbooks/backups.md."
        return [checks.Warning(message, hint=hint, id="clinics.W005")]
    return []


@register(Tags.security)
def keys_are_whole(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """AES-256 takes 32 bytes, and there is a newest key."""
    bad = [name for name, key in settings.FIELD_KEYS.items() if len(key) != 32]
    if bad or not settings.FIELD_KEYS:
        hint = "FIELD_KEYS is `id:base64` pairs separated by commas, newest first, each of 32 bytes."
        return [Error(f"FIELD_KEYS: {', '.join(bad) or 'none'} cannot be used.", hint=hint, id="clinics.E010")]
    return []


@register(Tags.models)
def no_reference_crosses_a_schema(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A foreign key from a clinic's table into public (or back) breaks deletes, backups and isolation."""
    from django.apps import apps

    found: list[CheckMessage] = []
    both = set(settings.SHARED_APPS) & set(settings.TENANT_APPS)
    for config in apps.get_app_configs():
        for model in config.get_models(include_auto_created=True):
            for field in model._meta.get_fields():
                if not isinstance(field, models.ForeignKey | models.ManyToManyField) or field.related_model is None:
                    continue
                there = field.related_model._meta.app_config.name
                if _home(config.name, both) != _home(there, both) and there not in both:
                    message = f"{model.__name__}.{field.name} points from {config.name} to {there} in another schema."
                    found.append(Error(message, hint="Keep a UUID instead.", id="clinics.E011"))
    return found


def _home(app: str, both: set[str]) -> str:
    if app in both:
        return "both"
    return "clinic" if app in settings.TENANT_APPS else "public"
