"""Sessions: rows in the clinic's own schema, good for that schema only, until nobody is there or twelve hours are over.

A session goes on while a person does something: opens a page, or has the page report that keys or the pointer moved.
What pages ask by themselves (alarms, the bell, the stream) never counts, so it need not be told apart one by one.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Least, Now
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

BEGAN = "_began"
SECOND = "_second"  # how the second step was done: "totp", "passkey", "recovery", "trusted"; "" where there is none
PROVED = "_proved"  # when the person last proved who they are
TOUCH_EVERY = timedelta(seconds=20)
ASKED_BY_PAGES = ("/alarms/open/", "/session/", "/api/")


class SessionStore(db.SessionStore):
    """Session rows sealed with the schema's name: copied or restored into another schema, they open nothing."""

    @property
    def key_salt(self) -> str:
        return f"clinics.people.sessions:{connection.schema_name}"

    @classmethod
    def get_model_class(cls) -> Any:
        from clinics.people.models import Session  # as the stock one: the module is read before the apps are

        return Session

    def load(self) -> dict[str, Any]:
        """What the session holds. Where a second step is the rule, one that came without it is nobody's."""
        self.row = self._get_session_from_db()
        data = self.decode(self.row.session_data) if self.row else {}
        return {} if settings.REQUIRE_MFA and SESSION_KEY in data and not data.get(SECOND) else data

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        data.setdefault(BEGAN, int(time.time()))
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.began_at = _began(data)
        idle = datetime.now(tz=UTC) + timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        row.expire_date = min(idle, _hard_end(data))
        return row

    def save(self, must_create: bool = False) -> None:
        """Write what it holds, and never its end: another request may have moved that in the meantime."""
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)
        row = self.create_model_instance(data)
        if must_create:
            try:
                with transaction.atomic():
                    row.save(force_insert=True)
            except IntegrityError as taken:
                raise CreateError from taken
            return None
        idle = F("active_at") + timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        changed = self.model.objects.filter(pk=row.pk).update(
            session_data=row.session_data,
            user_id=row.user_id,
            began_at=row.began_at,
            expire_date=Least(idle, Value(_hard_end(data))),
        )
        if not changed:
            raise UpdateError
        return None

    def touch(self, *, every: timedelta = TOUCH_EVERY) -> None:
        """A person is there: the session goes on, at most until its hard end."""
        idle = Now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        mine = self.model.objects.open().filter(pk=self.session_key, active_at__lt=Now() - every)
        mine.update(active_at=Now(), expire_date=Least(idle, Value(_hard_end(self._get_session()))))

    def seconds_left(self) -> tuple[int, int] | None:
        """Until it ends when nobody does anything, and until it ends anyway; None: it has ended meanwhile."""
        row = self.model.objects.open().filter(pk=self.session_key).first()
        if row is None:
            return None
        now = datetime.now(tz=UTC)
        hard = _hard_end(self._get_session())
        return max(0, int((row.expire_date - now).total_seconds())), max(0, int((hard - now).total_seconds()))


def _began(data: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(data.get(BEGAN) or time.time(), tz=UTC)


def _hard_end(data: dict[str, Any]) -> datetime:
    return _began(data) + timedelta(seconds=settings.SESSION_COOKIE_AGE)


def why_over(key: str) -> str:
    """Why the session with this key lets nobody in any more, in sign-in's words; empty where no row says so."""
    model = SessionStore.get_model_class()
    row = model.objects.filter(pk=key, expire_date__lte=Now()).first() if key else None
    if row is None:
        return ""
    hard = row.began_at + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return "ended" if hard <= row.expire_date else "idle"


def is_persons(request: HttpRequest) -> bool:
    """Whether a person made this request: a page was opened or a form was sent."""
    if request.path.startswith(ASKED_BY_PAGES) or request.headers.get("HX-Request"):
        return False
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"  # the oldest browsers do not say


class ClinicSessionMiddleware(SessionMiddleware):
    """The stock middleware, and the session goes on when a person asked.

    Who was signed out elsewhere while the request ran is sent to sign in, not to an error.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        session = request.session
        if session.accessed and session.session_key and SESSION_KEY in session and is_persons(request):
            session.touch()
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            return HttpResponseRedirect(settings.LOGIN_URL)
