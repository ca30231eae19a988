"""The one door to the audit trail: who read and who changed what, by id, kind and named safe fields only.

The trail is django-auditlog's table in the clinic's own schema. It outlives transcripts and is shown to people who may
not read them, so no patient words, names, dates of birth or numbers enter it: a model registers the fields that may
be written down, and an object is called by its kind and id instead of its `str()`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any
from uuid import UUID

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from auditlog.signals import pre_log
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.db.models.signals import pre_save
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from clinics.sealing.fields import SealedField

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

MOST_ROWS = 200
"""So many ids of a list are kept with the row that says it was read; `found` says how many there were."""

REFUSALS = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})

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
            isinstance(field, models.TextField | models.JSONField | models.DateField | SealedField)
            and not isinstance(field, models.DateTimeField)
        ):
            raise ImproperlyConfigured(
                f"{model.__name__}.{name} may hold a patient's words: it has no place in the trail."
            )
    auditlog.register(model, include_fields=list(include_fields))


def record_read(
    *,
    by: Person | None,
    what: str,
    about: UUID | None,
    request: HttpRequest | None = None,
    rows: Iterable[UUID] | None = None,
    searched: str = "",
    why: str = "",
) -> None:
    """Write down that a person read something about a patient. `what` is a code: "transcript", "calls.call".

    `rows` are the ids of what a list, a search or an export gave; of what was `searched` for only a keyed digest is
    kept, so that the same search is known again and no word of it; `why` is the code of a reason, where one is asked.
    """
    address = (request.META.get("REMOTE_ADDR") if request is not None else None) or None
    told: dict[str, object] = {"read": what}
    if rows is not None:
        given = [str(row) for row in rows]
        told |= {"found": len(given), "rows": given[:MOST_ROWS]}
    if searched:
        told["searched"] = _digest(searched)
    if why:
        told["why"] = why
    _write(by=by, action=LogEntry.Action.ACCESS, model=_model_of(what), pk=about, told=told, address=address)


def record_change(
    *,
    by: Person | None,
    of: models.Model | tuple[type[models.Model], Any],
    changes: Mapping[str, tuple[object, object]],
    why: str = "",
) -> None:
    """Write down a change that bypasses `save()`, such as a conditional UPDATE: {"status": ("pending", "done")}."""
    model, pk = of if isinstance(of, tuple) else (type(of), of.pk)
    unsafe = UNSAFE & set(changes)
    if unsafe:
        raise ImproperlyConfigured(f"{sorted(unsafe)} may hold a patient's words: they have no place in the trail.")
    shown = {name: [str(old), str(new)] for name, (old, new) in changes.items()}
    told: dict[str, object] = {"why": why} if why else {}
    _write(by=by, action=LogEntry.Action.UPDATE, model=model, pk=pk, told=told, changes=shown)


def record_denial(request: HttpRequest, status: int) -> None:
    """Write down that somebody who is signed in was refused: 403, or 404 for the id of a thing that is not theirs.

    Called when the answer is ready: whatever the view had begun is rolled back by then, and this row stays.
    """
    match, user = request.resolver_match, getattr(request, "user", None)
    if match is None or user is None or connection.schema_name == "public" or not user.is_authenticated:
        return
    named = [(name.removesuffix("_id"), value) for name, value in match.kwargs.items() if isinstance(value, UUID)]
    if status == HTTPStatus.NOT_FOUND and not named:
        return
    kind, about = named[0] if named else ("", None)
    told = {"denied": status, "asked": f"{request.method} {match.view_name or match.route}"[:120]}
    address = request.META.get("REMOTE_ADDR") or None
    _write(by=None, action=LogEntry.Action.ACCESS, model=_model_of(kind), pk=about, told=told, address=address)


def _write(
    *,
    by: Person | None,
    action: int,
    model: type[models.Model],
    pk: object,
    told: dict[str, Any],
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
        additional_data=told or None,
    )


def _digest(words: str) -> str:
    """Sixteen hexadecimal digits that name these words in this clinic and tell nobody which they are."""
    known = f"{connection.schema_name}:search:{words.casefold()}"
    return hmac.digest(settings.NUMBER_KEY, known.encode(), "sha256").hex()[:16]


def _model_of(what: str) -> type[models.Model]:
    """The model that a code names by "app.model" or by "model"; what names none is filed under the trail itself."""
    word = what.lower().split()[0] if what else ""
    word = "calls.call" if word == "transcript" else word  # the words of a call
    if "." in word:
        try:
            return apps.get_model(word)
        except LookupError:
            return LogEntry
    return next((m for m in apps.get_models() if m._meta.model_name == word), LogEntry)


# --- Who did it ----------------------------------------------------------------------------------------------------
class AuditMiddleware:
    """Remember the request, so that an entry finds its person when one is written; write down who was refused.

    auditlog's own middleware asks for the user on every request, believes X-Forwarded-For, connects a signal each
    time, and never sees who came with an API token.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _request.set(request)
        try:
            response = self.get_response(request)
            if response.status_code in REFUSALS:
                record_denial(request, response.status_code)
            return response
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
    told = dict(instance.additional_data or {})
    if request is not None:
        told["road"] = "api" if request.path.startswith("/api/") else "page"
    elif job := _job.get():
        told |= {"road": "job", "job": job}
    else:
        told["road"] = "command"
    instance.additional_data = told
    instance.object_repr = f"{instance.content_type.model} {instance.object_pk}".strip()


def _only_in_clinics(sender: type[models.Model], **kwargs: object) -> bool:
    """The trail is a table of the clinics: what an operator saves in public has Django admin's own history."""
    return connection.schema_name != "public"


pre_save.connect(_sign, sender=LogEntry, weak=False, dispatch_uid="clinics.audit.sign")
pre_log.connect(_only_in_clinics, weak=False, dispatch_uid="clinics.audit.only_in_clinics")
