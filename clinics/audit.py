"""The one door to the audit trail: who read and who changed what, by id, kind and named safe fields only.

The trail is django-auditlog's table in the clinic's own schema. It outlives transcripts and is shown to people who may
not read them, so no patient words, names, dates of birth or numbers enter it: a model registers the fields that may
be written down, and an object is called by its kind and id instead of its `str()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from auditlog.signals import pre_log
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.db.models.signals import pre_save
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Person = Any  # clinics.people sits above this module

UNSAFE = frozenset(
    [
        "patient_name",
        "date_of_birth",
        "callback_number",
        "summary",
        "details",
        "words",
        "digits",
        "said",
        "reply",
        "state",
        "from_number",
        "to_number",
        "reason",
        "outcome_reason",
        "text",
        "filled",
        "findings",
        "recording_url",
        "name",
        "password",
        "session_data",
    ]
)

_request: ContextVar[HttpRequest | None] = ContextVar("clinics.audit.request", default=None)
_person: ContextVar[Person | None] = ContextVar("clinics.audit.person", default=None)
_job: ContextVar[str] = ContextVar("clinics.audit.job", default="")


def register(model: type[models.Model], include_fields: Sequence[str]) -> None:
    """Write every later save and delete of a model down, with these fields' old and new values and no others."""
    if not include_fields:
        raise ImproperlyConfigured(f"{model.__name__}: name the fields; to auditlog an empty list means all of them.")
    for name in include_fields:
        field = model._meta.get_field(name)
        if name in UNSAFE or (
            isinstance(field, models.TextField | models.JSONField | models.DateField)
            and not isinstance(field, models.DateTimeField)
        ):
            raise ImproperlyConfigured(
                f"{model.__name__}.{name} may hold a patient's words: it has no place in the trail."
            )
    auditlog.register(model, include_fields=list(include_fields))


def record_read(*, by: Person, what: str, about: UUID | None, request: HttpRequest | None = None) -> None:
    """Write down that a person read something about a patient. `what` is a code: "transcript", "calls.call"."""
    address = (request.META.get("REMOTE_ADDR") if request is not None else None) or None
    _write(by=by, action=LogEntry.Action.ACCESS, model=_model_of(what), pk=about, called=what, address=address)


def record_change(
    *,
    by: Person | None,
    of: models.Model | tuple[type[models.Model], Any],
    changes: Mapping[str, tuple[object, object]],
) -> None:
    """Write down a change that bypasses `save()`, such as a conditional UPDATE: {"status": ("pending", "done")}."""
    model, pk = of if isinstance(of, tuple) else (type(of), of.pk)
    unsafe = UNSAFE & set(changes)
    if unsafe:
        raise ImproperlyConfigured(f"{sorted(unsafe)} may hold a patient's words: they have no place in the trail.")
    shown = {name: [str(old), str(new)] for name, (old, new) in changes.items()}
    _write(by=by, action=LogEntry.Action.UPDATE, model=model, pk=pk, called="", changes=shown)


def _write(
    *,
    by: Person | None,
    action: int,
    model: type[models.Model],
    pk: object,
    called: str,
    address: str | None = None,
    changes: dict[str, list[str]] | None = None,
) -> None:
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(model, for_concrete_model=False),
        object_pk=str(pk or ""),
        object_id=pk if isinstance(pk, int) else None,
        action=action,
        changes=changes,
        actor=by,
        actor_email=getattr(by, "email", None),
        remote_addr=address,
        additional_data={"read": called} if called else None,
    )


def _model_of(what: str) -> type[models.Model]:
    """The model that a code names by "app.model" or by "model"; what names none is filed under the trail itself."""
    word = what.lower().split()[0] if what else ""
    if "." in word:
        try:
            return apps.get_model(word)
        except LookupError:
            return LogEntry
    return next((m for m in apps.get_models() if m._meta.model_name == word), LogEntry)


# --- Who did it ----------------------------------------------------------------------------------------------------
class AuditMiddleware:
    """Remember the request, so that an entry finds its person when one is written and costs nothing otherwise.

    auditlog's own middleware asks for the user on every request, believes X-Forwarded-For, connects a signal each
    time, and never sees who came with an API token.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(token)


@contextmanager
def acting(by: Person) -> Iterator[None]:
    """Name the person behind the writes of a job or command."""
    token = _person.set(by)
    try:
        yield
    finally:
        _person.reset(token)


@contextmanager
def acting_alone(job: str) -> Iterator[None]:
    """Name the job behind writes that no person asked for."""
    token = _job.set(job)
    try:
        yield
    finally:
        _job.reset(token)


def _sign(sender: type[LogEntry], instance: LogEntry, **kwargs: object) -> None:
    """Before an entry is saved: its person and address, and a name that tells nothing."""
    request, person = _request.get(), _person.get()
    at_home = True
    if person is None and request is not None:
        person = getattr(request, "user", None)
        at_home = request.tenant.schema_name == connection.schema_name
    if instance.actor_id is None and person is not None and person.is_authenticated:
        instance.actor_email = person.email
        if at_home:  # an operator at work in a clinic has no row there: the address says who it was
            instance.actor = get_user_model()(pk=person.pk)
    if instance.remote_addr is None and request is not None:
        instance.remote_addr = request.META.get("REMOTE_ADDR") or None
    instance.object_repr = f"{instance.content_type.model} {instance.object_pk}".strip()


def _only_in_clinics(sender: type[models.Model], **kwargs: object) -> bool:
    """The trail is a table of the clinics: what an operator saves in public has Django admin's own history."""
    return connection.schema_name != "public"


pre_save.connect(_sign, sender=LogEntry, weak=False, dispatch_uid="clinics.audit.sign")
pre_log.connect(_only_in_clinics, weak=False, dispatch_uid="clinics.audit.only_in_clinics")
