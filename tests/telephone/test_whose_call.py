"""Whose call it is: the account, the line and the clinic must be one, and a closed clinic still tells of 911."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connections
from django.utils import timezone

from clinics import remembered, telephone, tenancy
from clinics.models import Clinic, PhoneLine
from tests.telephone.gate import a_call, seen


def test_a_foreign_account_is_403(post: Callable) -> None:
    assert post(a_call(AccountSid="AC" + "9" * 32)).status_code == 403


@pytest.mark.parametrize("number", ["+12025550102", "+12025550188", "anonymous"])
def test_a_number_of_another_clinic_or_of_nobody_is_404(post: Callable, south: Clinic, number: str) -> None:
    assert post(a_call(To=number)).status_code == 404
    assert seen == []


def test_a_closed_line_is_404_at_once(post: Callable, north: Clinic) -> None:
    assert post().status_code == 200

    line = PhoneLine.objects.get(clinic=north)
    line.active = False
    line.save()

    assert post().status_code == 404


def test_a_call_going_out_is_known_by_who_calls(post: Callable) -> None:
    out = {"Direction": "outbound-api", "From": "+12025550101", "To": "+12025550177"}

    assert post(a_call(**out)).status_code == 200
    assert post(a_call(**out | {"From": "+12025550177"})).status_code == 404


def test_a_recordings_news_names_no_numbers(post: Callable) -> None:
    news = {
        "CallSid": "CA" + "1" * 32,
        "AccountSid": settings.TWILIO_ACCOUNT_SID,
        "RecordingSid": "RE" + "2" * 32,
        "RecordingStatus": "completed",
        "RecordingUrl": "https://api.twilio.com/x",
        "RecordingDuration": "12",
    }

    assert post(news, where="/recording/").status_code == 204
    assert post(news | {"RecordingStatus": "lost"}, where="/recording/").status_code == 403


def test_a_clinic_with_an_account_of_its_own_is_believed_by_its_own_token(post: Callable, north: Clinic) -> None:
    own = "AC" + "5" * 32
    north.twilio_account_sid = own
    telephone.seal_token(north, "own-token")
    north.save()

    assert post(a_call()).status_code == 403
    assert post(a_call(AccountSid=own)).status_code == 403
    assert post(a_call(AccountSid=own), token="own-token").status_code == 200
    assert "own-token" not in north.twilio_token_sealed


def test_a_token_sealed_for_one_clinic_does_not_open_for_another(north: Clinic, south: Clinic) -> None:
    telephone.seal_token(north, "own-token")
    south.twilio_account_sid, south.twilio_token_sealed = "AC" + "5" * 32, north.twilio_token_sealed

    with pytest.raises(ValueError, match="altered"):
        telephone.account_for(south)


# --- Clinics that are closed ----------------------------------------------------------------------------------------
def test_a_suspended_clinics_caller_hears_a_sentence_and_nothing_runs(post: Callable, north: Clinic) -> None:
    Clinic.objects.filter(pk=north.pk).update(suspended_at=timezone.now())
    tenancy.forget()

    response = post()

    assert response.status_code == 200
    assert b"9 1 1" in response.content
    assert b"<Hangup/>" in response.content
    assert seen == []
    assert post(signed="wrong").status_code == 403


def test_a_caller_reaches_the_view_while_the_database_is_away(post: Callable, north: Clinic, monkeypatch: Any) -> None:
    """Hosts and lines are believed past their time then, so that the view can still speak and connect a human line."""
    assert post().status_code == 200
    later = remembered.time.monotonic() + 3600

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(remembered.time, "monotonic", lambda: later)
        patched.setattr(type(connections["default"]), "cursor", away)
        assert post().status_code == 200
