"""Operators keep the table and the agreements in Django admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clinics.models import Agreement, Clinic, Provider

pytestmark = pytest.mark.django_db(transaction=True)  # signing in needs it


def agreement(clinic: Clinic, **changes: Any) -> dict[str, str]:
    told = {"clinic": clinic.pk, "provider": "google-speech", "signed_on": "2026-01-05", "document": "binder 7"}
    return {name: str(value) for name, value in {**told, "ends_on": "", **changes}.items()}


def test_an_agreement_is_entered_with_its_date_and_document(desk: Client, north: Clinic) -> None:
    answer = desk.post("/admin/clinics/agreement/add/", agreement(north))

    assert answer.status_code == 302
    row = Agreement.objects.get(clinic=north)
    assert (row.provider, str(row.signed_on), row.document) == ("google-speech", "2026-01-05", "binder 7")
    listed = desk.get("/admin/clinics/agreement/").content.decode()
    assert "binder 7" in listed


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"provider": "nobody"}, "Select a valid choice"),
        ({"signed_on": str(timezone.now().date() + timedelta(days=2))}, "Enter it when it is signed"),
        ({"ends_on": "2026-01-04"}, "cannot end before"),
        ({"document": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_an_agreement_is_refused(
    desk: Client, north: Clinic, changes: dict[str, str], problem: str
) -> None:
    answer = desk.post("/admin/clinics/agreement/add/", agreement(north, **changes))

    assert problem in answer.content.decode()
    assert not Agreement.objects.exists()


def test_the_table_shows_who_is_asked_and_whether_a_credential_is_set(desk: Client, settings: Any) -> None:
    settings.PROVIDER_KEYS = {"google-speech": "the-secret-itself"}

    page = desk.get("/admin/clinics/provider/").content.decode()

    assert "Google Cloud Text-to-Speech" in page
    assert "asked as usual" in page
    assert "the-secret-itself" not in page


def test_a_row_that_would_send_data_in_clear_is_refused(desk: Client) -> None:
    row = Provider.objects.get(key="google-speech")
    told = {
        "name": row.name, "capability": "speech", "protocol": "google_speech", "base_url": "http://speech.example",
        "location": "US", "agreement_needed": "baa", "position": "10", "connect_ms": "500", "answer_ms": "800",
        "price": "16", "price_unit": "", "model": "", "voices": "[]", "active": "on",
    }  # fmt: skip

    page = desk.post(f"/admin/clinics/provider/{row.pk}/change/", told).content.decode()

    assert "by https only" in page
    assert "Say what the price is for" in page
    assert "Write one voice per language" in page
    row.refresh_from_db()
    assert not row.active
