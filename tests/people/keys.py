"""What a person holds in these tests: an authenticator app, and a clock that moves on."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

from clinics.models import Clinic
from clinics.people import factors
from clinics.people.models import User
from clinics.tenancy import inside
from tests.conftest import PASSWORD

PERIOD = 30


@dataclass
class App:
    """An authenticator app with one secret."""

    secret: str
    clock: Any = field(default=time)

    def code(self, steps: int = 0) -> str:
        """The six digits of this half minute, or of one before or after it."""
        return format_hotp_value(hotp_value(self.secret.replace(" ", ""), int(time.time()) // PERIOD + steps))


def give_app(clinic: Clinic, user: User) -> App:
    """Set an authenticator app up for a person, some time ago."""
    app = App(factors.new_secret())
    with inside(clinic):
        User.objects.filter(pk=user.pk).update(totp_step=None)  # a browser's test before this one used it up
        assert factors.add_app(user, app.secret, app.code())
        User.objects.filter(pk=user.pk).update(totp_step=None)
    return app


def give_codes(clinic: Clinic, user: User) -> list[str]:
    with inside(clinic):
        return factors.new_recovery_codes(user)


def password_step(client: Client, user: User, password: str = PASSWORD, **more: Any) -> HttpResponse:
    path = more.pop("next", "")
    return client.post("/sign-in/", {"email": user.email, "password": password, "next": path}, **more)


def code_step(client: Client, code: str, **more: Any) -> HttpResponse:
    return client.post("/sign-in/code/", {"code": code}, **more)


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200
