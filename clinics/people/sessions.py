"""Sessions: rows in the clinic's own schema, good for twelve hours and for that schema only."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import connection
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

BEGAN = "_began"


class SessionStore(db.SessionStore):
    """Session rows sealed with the schema's name: copied or restored into another schema, they open nothing."""

    @property
    def key_salt(self) -> str:
        return f"clinics.people.sessions:{connection.schema_name}"

    @classmethod
    def get_model_class(cls) -> Any:
        from django.contrib.sessions.models import Session  # as the stock one: the module is read before the apps are

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row to save. It ends twelve hours after sign-in, however often the session changes in between."""
        data.setdefault(BEGAN, int(time.time()))
        row = super().create_model_instance(data)
        row.expire_date = datetime.fromtimestamp(data[BEGAN] + settings.SESSION_COOKIE_AGE, tz=UTC)
        return row


class ClinicSessionMiddleware(SessionMiddleware):
    """The stock middleware; who was signed out elsewhere while the request ran is sent to sign in, not to an error."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            return HttpResponseRedirect(settings.LOGIN_URL)
