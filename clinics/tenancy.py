"""The only door into a clinic's schema: from a request's host, from a job's arguments, or one clinic after another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.utils import timezone

from clinics.models import Clinic, Domain
from clinics.remembered import Remembered, forget_everything
from clinics.versions import newest_migrations, what_is_missing

logger = logging.getLogger(__name__)

PUBLIC = "public"
SUSPENDED = "suspended"
UPDATING = "updating"

_TTL = 5.0  # how long another process may believe a host, a number or a suspension that has changed
_by_host: Remembered[str, Clinic] = Remembered(seconds=_TTL, limit=4096)
_strangers: Remembered[str, None] = Remembered(seconds=_TTL, limit=4096)  # apart: strangers never push clinics out
_by_schema: Remembered[str, Clinic] = Remembered(seconds=_TTL, limit=4096)


class NoClinic(Exception):
    """There is no such clinic, or the code runs outside any clinic."""


# --- Which clinic ------------------------------------------------------------------------------------------------
def clinic_by_host(host: str) -> Clinic | None:
    """The clinic of a host in lower case without a port, suspended ones too; None for a stranger. Read-only."""
    if host in _strangers:
        return None
    try:
        return _by_host.get(host, lambda: _fetch_by_host(host))
    except NoClinic:
        return _strangers.get(host, lambda: None)


def _fetch_by_host(host: str) -> Clinic:
    with outside():
        domain = Domain.objects.select_related("tenant").filter(domain=host).exclude(tenant__schema_name=PUBLIC).first()
    if domain is None:
        raise NoClinic(host)
    return domain.tenant


def clinic_by_schema(schema: str) -> Clinic:
    """The clinic of a schema, suspended ones too. Read-only. Raises `NoClinic`."""
    return _by_schema.get(schema, lambda: _fetch_by_schema(schema))


def _fetch_by_schema(schema: str) -> Clinic:
    with outside():
        clinic = Clinic.objects.filter(schema_name=schema).exclude(schema_name=PUBLIC).first()
    if clinic is None:
        raise NoClinic(f"There is no clinic with the schema {schema}.")
    return clinic


def current_clinic() -> Clinic:
    """The clinic whose schema this thread is in. Raises `NoClinic` in public."""
    if connection.schema_name == PUBLIC:  # so it is on an event loop too, whose connection is not the request's
        raise NoClinic("This runs outside any clinic: pass the clinic, or enter it with inside().")
    if isinstance(connection.tenant, Clinic):
        return connection.tenant
    return clinic_by_schema(connection.schema_name)


def forget(**signal: object) -> None:
    """Believe no remembered host, number or clinic any more: a row of theirs was written in this process."""
    forget_everything()
    if not connection.in_atomic_block:
        return
    transaction.on_commit(forget_everything)  # another thread may have read the old row in the meantime


# --- Going in and out --------------------------------------------------------------------------------------------
@contextmanager
def inside(clinic: Clinic) -> Iterator[Clinic]:
    """Work in a clinic's schema, and be back where one was afterwards whatever happens."""
    if connection.schema_name == clinic.schema_name:
        yield clinic
        return
    before = connection.tenant
    connection.set_tenant(clinic)
    try:
        yield clinic
    finally:
        connection.set_tenant(before)


@contextmanager
def outside() -> Iterator[None]:
    """Work in the public schema, where no clinic's table is visible."""
    if connection.schema_name == PUBLIC:
        yield
        return
    before = connection.tenant
    connection.set_schema_to_public()
    try:
        yield
    finally:
        connection.set_tenant(before)


def each_clinic() -> Iterator[Clinic]:
    """Every clinic that answers its telephone, each with its schema entered, and left before the next."""
    with outside():
        clinics = list(Clinic.objects.open())
    for clinic in clinics:
        with inside(clinic):
            yield clinic


def clinic_job(job: Callable[..., Any]) -> Callable[..., Any]:
    """Run a job of `(schema, id)` inside that schema. A suspended clinic's jobs are dropped."""

    @wraps(job)
    def run(schema: str, *args: object, **kwargs: object) -> Any:
        clinic = clinic_by_schema(schema)
        if clinic.suspended_at is not None:
            logger.warning("job %s dropped: clinic %s is suspended", job.__name__, clinic.public_id)
            return None
        with inside(clinic):
            return job(schema, *args, **kwargs)

    return run


# --- The door of a request ---------------------------------------------------------------------------------------
class ClinicMiddleware:
    """Host -> schema. A host that nobody registered gets 404 and never the public schema.

    Sets `request.clinic` (None on the public host) and `request.stopped`: "" or the reason why this clinic's pages
    are closed. Twilio's webhooks are let through when stopped: `from_twilio` speaks a sentence of its own then.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        newest_migrations()  # read from disk at start, not in the first caller's time

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        connection.set_schema_to_public()
        host = host_of(request)
        clinic = None
        if host != settings.BASE_DOMAIN:
            clinic = clinic_by_host(host) if host else None
            if clinic is None:
                return HttpResponseNotFound("There is no clinic at this address.\n", content_type="text/plain")
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest(
                "This address holds a character that no page has.\n", content_type="text/plain"
            )
        response = self._inside(request, clinic)
        if not response.streaming:
            connection.set_schema_to_public()
        return response

    def _inside(self, request: HttpRequest, clinic: Clinic | None) -> HttpResponseBase:
        request.clinic = clinic
        request.stopped = ""
        if clinic is None:
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        else:
            connection.set_tenant(clinic)
            request.stopped = why_stopped(clinic)
        request.tenant = connection.tenant
        with timezone.override(clinic.timezone if clinic else None):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: object, kwargs: object) -> HttpResponse | None:
        if not request.stopped or getattr(view, "speaks_when_stopped", False):
            return None
        if request.stopped == SUSPENDED:
            text = "This clinic's portal is closed. Please ask the operator of the service.\n"
        else:
            text = "This clinic's portal is being updated. Please try again in a minute.\n"
        return HttpResponse(text, status=503, content_type="text/plain", headers={"Retry-After": "60"})


def host_of(request: HttpRequest) -> str:
    """The request's host in lower case without port and trailing dot; "" when it is malformed."""
    try:
        host = request.get_host().lower()
    except DisallowedHost:
        return ""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).removesuffix(".")


def why_stopped(clinic: Clinic) -> str:
    """ "" when the clinic is served, else `SUSPENDED` or `UPDATING` (its schema lacks what this code expects)."""
    if clinic.suspended_at is not None:
        return SUSPENDED
    missing = what_is_missing(clinic.schema_name)
    if missing:
        logger.error("clinic %s is not served: its schema lacks %s", clinic.public_id, missing)
        return UPDATING
    return ""
