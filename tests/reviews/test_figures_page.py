"""The measured figures as a page, the command that writes the labelled file, and that no patient's word leaves."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from calls.models import Review, Utterance
from calls.reviews.actions import Judgement, Share, save_review
from calls.reviews.transcripts import lines_of
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from notifications.models import Event
from tests.product.canaries import Patient, hits
from tests.reviews.conftest import EMERGENCY, QUESTION, Hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pilot")]
SignIn = Callable[[User], Client]


def review(clinic: Clinic, by: User, call_id: object, verdict: str = "correct", **said: str) -> Review:
    with inside(clinic):
        judgement = Judgement(verdict=verdict, **said)
        return save_review(by=by, call_id=call_id, seen=0, judgement=judgement, share=Share())  # type: ignore[arg-type]


def shared(clinic: Clinic, by: User, call_id: object, label: str) -> None:
    """Review a call as correct and confirm its first sentence."""
    with inside(clinic):
        from calls.models import Call

        line = lines_of(Call.objects.get(pk=call_id))[1]
        share = Share(texts={1: line.digest}, labels={1: label})
        save_review(by=by, call_id=call_id, seen=0, judgement=Judgement(verdict="correct"), share=share)  # type: ignore[arg-type]


def page(client: Client) -> str:
    return client.get("/reviews/figures/").content.decode()


# --- The page --------------------------------------------------------------------------------------------------------
def test_without_reviews_the_page_says_so_and_draws_nothing(
    north: Clinic, bob: User, client_of: SignIn, hold: Hold
) -> None:
    hold(north, *EMERGENCY)

    shown = page(client_of(bob))

    assert "There is no figure yet" in shown
    assert "Not known: emergency alarms without a review." in shown
    assert "<svg" not in shown


def test_the_table_the_chart_and_the_sentence_say_the_same(
    north: Clinic, bob: User, client_of: SignIn, hold: Hold
) -> None:
    right, wrong, missed = hold(north, *EMERGENCY), hold(north, *EMERGENCY), hold(north, *QUESTION)
    review(north, bob, right)
    review(north, bob, wrong, "false_alarm", judged="1:0", true_label="other")
    review(north, bob, missed, "missed", judged="1", true_label="emergency")

    shown = page(client_of(bob))

    assert "1 emergency caught, 1 missed, 1 false alarm." in shown
    assert "50% (9.5% to 91%)" in shown
    svg = ElementTree.fromstring(shown[shown.index("<svg") : shown.index("</svg>") + 6])
    assert [title.text for title in svg.iter("title")][-1] == ([title.text for title in svg.iter("title")][-1] or "")
    assert any("50% (9.5% to 91%)" in (title.text or "") for title in svg.iter("title"))
    assert len(svg.findall(".//circle")) == 1


def test_weeks_are_told_apart(north: Clinic, bob: User, client_of: SignIn, hold: Hold) -> None:
    old = hold(north, *EMERGENCY, at=timezone.now() - timedelta(days=21))
    hold(north, *EMERGENCY)
    review(north, bob, old)

    shown = page(client_of(bob))

    assert "In the one week with reviews in every group, 1 of 1 calls were reviewed" in shown
    assert "0 of 1 emergency alarms" in shown
    assert "1 of 1 emergency alarms" in shown


def test_the_other_clinics_reviews_are_not_counted(
    north: Clinic, south: Clinic, dave: User, bob: User, client_of: SignIn, hold: Hold
) -> None:
    review(south, dave, hold(south, *EMERGENCY))

    assert "There is no figure yet" in page(client_of(bob))


# --- The command -----------------------------------------------------------------------------------------------------
def test_the_command_writes_what_triage_report_reads(north: Clinic, bob: User, hold: Hold, tmp_path: Path) -> None:
    shared(north, bob, hold(north, *EMERGENCY), "emergency")
    shared(north, bob, hold(north, *QUESTION), "general")
    out, told = tmp_path / "reviewed.jsonl", io.StringIO()

    call_command("export_reviews", clinic="north", out=out)
    call_command("triage_report", str(out), stdout=told)

    assert {json.loads(line)["label"] for line in out.read_text().splitlines()} == {"emergency", "general"}
    assert "1/1" in told.getvalue()
    with inside(north):
        assert LogEntry.objects.filter(additional_data__read="calls.utterance export").count() == 1


def test_the_command_writes_to_standard_output_and_refuses_strangers(north: Clinic, bob: User, hold: Hold) -> None:
    shared(north, bob, hold(north, *QUESTION), "general")
    told = io.StringIO()

    call_command("export_reviews", clinic="north", stdout=told)

    assert json.loads(told.getvalue())["text"] == "where can i park"
    with pytest.raises(CommandError, match="no clinic with the slug"):
        call_command("export_reviews", clinic="nowhere")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_reviews", clinic="north", out=Path("/nowhere/at/all"))


# --- Nothing leaves --------------------------------------------------------------------------------------------------
def test_no_patients_word_is_in_the_trail_the_log_the_events_or_the_file(
    north: Clinic, bob: User, carol: User, client_of: SignIn, hold: Hold, caplog: pytest.LogCaptureFixture
) -> None:
    patient = Patient()
    call = hold(north, f"this is {patient.first} {patient.last} {patient.danger}", caller=patient.caller)
    admin = client_of(carol)
    caplog.set_level(logging.DEBUG)
    shown = admin.get(f"/reviews/{call}/").content.decode()
    tick = shown.split('name="keep-1" value="')[1][:16]

    given = {"verdict": "false_alarm", "alarm_finding": "1:0", "alarm_label": "other", "note": patient.last}
    saved = admin.post(f"/reviews/{call}/save/", {"seen": 0, "keep-1": tick, "hide": "wombat", **given})
    again = admin.post(f"/reviews/{call}/save/", {"seen": 9, **given, "note": f"{patient.last} again"})
    file = admin.get("/reviews/export/").content
    figures = page(admin)

    assert (saved.status_code, again.status_code) == (302, 409)
    assert set(hits(shown, patient)) >= {"marigold", "quorndale", "wombat"}  # so that the search would find them
    with inside(north):
        assert Review.objects.get().note == patient.last
        assert Utterance.objects.count() == 1
        trail = " ".join(str(row) for row in LogEntry.objects.values())
    events = " ".join(str(row) for row in Event.objects.values())
    for place in (trail, events, caplog.text, file, figures, saved["Location"]):
        assert hits(place, patient) == []
    assert json.loads(file)["text"] == "this is [name] i have crushing chest pain and my [hidden] is here"
