"""The boot says what would put patients at risk; each check is seen to speak."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.checks.registry import registry

from clinics import checks


def found() -> set[str]:
    ours = [check for check in registry.get_checks() if check.__module__ == checks.__name__]
    return {message.id for check in ours for message in check(app_configs=None)}


def test_the_project_as_it_is_has_nothing_to_say(settings: Any) -> None:
    settings.DEBUG = True  # pytest-django turns it off, and the tests run with the demo's credentials
    assert [message for message in run_checks() if message.id.startswith("clinics.")] == []


def test_patient_tables_are_in_no_shared_app() -> None:
    assert not checks.PATIENT_APPS & set(settings.SHARED_APPS)
    assert {"calls", "tasks", "escalations", "analytics", "clinics.practice"} <= set(settings.TENANT_APPS)


def without(name: str) -> list[str]:
    return [one for one in settings.MIDDLEWARE if one != name]


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("SHARED_APPS", [*settings.SHARED_APPS, "calls"], "clinics.E001"),
        ("TENANT_LIMIT_SET_CALLS", False, "clinics.W001"),
        ("SHOW_PUBLIC_IF_NO_TENANT_FOUND", True, "clinics.E004"),
        ("MIDDLEWARE", without("clinics.tenancy.ClinicMiddleware"), "clinics.E005"),
        ("MIDDLEWARE", list(reversed(settings.MIDDLEWARE)), "clinics.E006"),
        ("SESSION_ENGINE", "django.contrib.sessions.backends.cache", "clinics.E007"),
        ("FIELD_KEYS", {}, "clinics.E010"),
        ("FIELD_KEYS", {"short": b"x" * 16}, "clinics.E010"),
    ],
)
def test_each_check_speaks(settings: Any, setting: str, value: object, expected: str) -> None:
    setattr(settings, setting, value)

    assert expected in found()


def test_the_demos_ways_end_with_debug(settings: Any) -> None:
    settings.DEBUG = False
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, "demo-auth-token"
    settings.PUBLIC_SCHEME = "http"

    assert {"clinics.E008", "clinics.E009"} <= found()


def test_an_old_django_tenants_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "version", lambda name: "3.7.0")

    assert "clinics.E003" in found()


def test_a_patients_field_in_public_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PATIENT_FIELDS", frozenset({"label"}))

    assert "clinics.E002" in found()


def test_a_reference_out_of_a_clinic_is_named(settings: Any) -> None:
    settings.TENANT_APPS = [*settings.TENANT_APPS, "notifications"]
    settings.SHARED_APPS = [app for app in settings.SHARED_APPS if app != "notifications"]

    assert "clinics.E011" in found()
