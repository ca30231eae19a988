"""Reviewing in the browser's view: lists, forms, conflicts and the download, over calls that were really held."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from auditlog.models import LogEntry
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from calls.dialogue.safety.measuring import read_rows
from calls.models import Review, Utterance
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tests.reviews.conftest import EMERGENCY, QUESTION, REFILL, Hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pilot")]
SignIn = Callable[[User], Client]


@pytest.fixture
def doctor(bob: User, client_of: SignIn) -> Client:
    return client_of(bob)


def save(client: Client, call_id: UUID, **given: object) -> HttpResponse:
    return client.post(f"/reviews/{call_id}/save/", {"seen": 0, "verdict": "correct"} | given)


def digests(page: HttpResponse) -> dict[str, str]:
    """The tick boxes of a review page: name and value."""
    return dict(re.findall(r'name="(keep-\d+)" value="(\w+)"', page.content.decode()))


# --- The list --------------------------------------------------------------------------------------------------------
def test_calls_come_up_with_the_reason_why(north: Clinic, doctor: Client, hold: Hold) -> None:
    hold(north, *EMERGENCY)
    hold(north, "i need")  # hangs up

    shown = doctor.get("/reviews/").content.decode()

    assert "Emergency alarm" in shown
    assert "Failed" in shown
    assert "0 of 2 reviewed this week" in shown


def test_every_call_of_a_pilot_comes_up(north: Clinic, doctor: Client, hold: Hold) -> None:
    hold(north, *QUESTION)

    shown = doctor.get("/reviews/").content.decode()

    assert ">Pilot<" in shown
    assert "0 of 1 reviewed this week" in shown


def test_test_calls_and_running_calls_do_not_come_up(north: Clinic, doctor: Client, hold: Hold) -> None:
    hold(north, *EMERGENCY, test=True)
    hold(north, "where can i park", over=False)

    assert "Nothing waits for a review." in doctor.get("/reviews/").content.decode()


def test_what_earlier_weeks_left_is_carried_over(north: Clinic, doctor: Client, hold: Hold) -> None:
    hold(north, *QUESTION, at=timezone.now() - timedelta(days=14))

    shown = doctor.get("/reviews/").content.decode()

    assert "1 call carried over from 1 earlier week" in shown
    assert "From week" in shown
    assert "No call has come up this week" in shown


def test_a_week_is_shown_alone(north: Clinic, doctor: Client, hold: Hold) -> None:
    before = hold(north, *QUESTION, at=timezone.now() - timedelta(days=14))
    now = hold(north, *QUESTION)
    option = re.findall(r'<option value="(\d{4}-W\d\d)">[^<]*\(0 of 1\)', doctor.get("/reviews/").content.decode())[1]

    shown = doctor.get("/reviews/", {"week": option}).content.decode()

    assert str(before) in shown
    assert f"open-{now}" not in shown


# --- One call --------------------------------------------------------------------------------------------------------
def test_a_reviewer_reads_the_words_with_their_findings_and_rules(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *EMERGENCY)

    shown = doctor.get(f"/reviews/{call}/").content.decode()

    assert "crushing chest pain" in shown
    assert re.search(r'href="/safety/rules/en\.[\w.]+/">en\.', shown)
    with inside(north):
        read = LogEntry.objects.filter(action=LogEntry.Action.ACCESS, additional_data__read="transcript")
        assert read.get().object_pk == str(call)


def test_a_correct_call_is_saved_with_the_utterance_that_decided_it(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *EMERGENCY)

    response = save(doctor, call, note="Right.")

    assert response.status_code == 302
    with inside(north):
        review = Review.objects.get()
        assert (review.verdict, review.true_label, review.finding) == ("correct", "emergency", "emergency")
        assert review.turn.words == EMERGENCY[0]
        assert (review.stratum, review.note) == ("alarm", "Right.")
        assert review.rules_version == review.call.rules_version


def test_saving_goes_on_to_the_next_call_and_then_to_the_list(north: Clinic, doctor: Client, hold: Hold) -> None:
    alarm, question = hold(north, *EMERGENCY), hold(north, *QUESTION)

    first = save(doctor, alarm, then="next")
    second = save(doctor, question, then="next")

    assert first["Location"] == f"/reviews/{question}/"
    assert second["Location"] == "/reviews/"
    assert "2 of 2 reviewed this week" in doctor.get("/reviews/").content.decode()


def test_htmx_is_sent_on_to_the_next_call(north: Clinic, doctor: Client, hold: Hold) -> None:
    alarm, question = hold(north, *EMERGENCY), hold(north, *QUESTION)

    given = {"seen": 0, "verdict": "correct", "then": "next"}
    response = doctor.post(f"/reviews/{alarm}/save/", given, HTTP_HX_REQUEST="true")

    assert response["HX-Redirect"] == f"/reviews/{question}/"


@pytest.mark.parametrize(
    ("given", "sentence", "field"),
    [
        ({"verdict": ""}, "Choose what you found.", "verdict"),
        ({"verdict": "withdrawn"}, "Choose what you found.", "verdict"),
        ({"verdict": "missed"}, "Choose the sentence in which it was missed.", "missed_turn"),
        ({"verdict": "missed", "missed_turn": "1"}, "Choose what it truly is.", "missed_label"),
        ({"verdict": "missed", "missed_turn": "1", "missed_label": "emergency"}, "That was found", "missed_label"),
        ({"verdict": "false_alarm"}, "Choose the finding that was wrong.", "alarm_finding"),
        ({"verdict": "wrong_intent", "intent_turn": "1"}, "Choose what the caller wanted.", "true_intent"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    given: dict[str, str], sentence: str, field: str, north: Clinic, doctor: Client, hold: Hold
) -> None:
    call = hold(north, *EMERGENCY)

    response = save(doctor, call, **given, note="kept words")

    shown = response.content.decode()
    assert response.status_code == 422
    assert sentence in shown
    assert f'href="#{field}"' in shown
    assert f'id="{field}"' in shown
    assert "kept words" in shown
    with inside(north):
        assert not Review.objects.exists()


def test_a_missed_emergency_names_its_sentence_and_label(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *QUESTION)

    save(doctor, call, verdict="missed", missed_turn="1", missed_label="urgent")

    with inside(north):
        review = Review.objects.get()
        assert (review.verdict, review.true_label, review.turn.n) == ("missed", "urgent", 1)


def test_a_false_alarm_names_its_finding_and_rule(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *EMERGENCY)

    save(doctor, call, verdict="false_alarm", alarm_finding="1:0", alarm_label="routine_medical")

    with inside(north):
        review = Review.objects.get()
        assert review.rule == review.turn.findings[0]["rule"]
        assert (review.finding, review.true_label) == ("emergency", "routine_medical")


def test_a_false_alarm_is_not_called_what_it_was_found_as(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, "i need a refill of my lisinopril")

    given = {"verdict": "false_alarm", "alarm_finding": "1:0", "alarm_label": "refill"}
    response = save(doctor, call, **given)

    assert response.status_code == 422
    assert "That is what was found." in response.content.decode()


def test_one_of_several_findings_may_be_wrong_in_a_true_emergency(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *EMERGENCY)

    given = {"verdict": "false_alarm", "alarm_finding": "1:0", "alarm_label": "emergency"}

    assert save(doctor, call, **given).status_code == 302
    assert "1 emergency caught, 0 missed, 0 false alarms." in doctor.get("/reviews/figures/").content.decode()


def test_a_wrong_intent_says_what_was_wanted(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *QUESTION)

    save(doctor, call, verdict="wrong_intent", intent_turn="1", true_intent="billing")

    with inside(north):
        review = Review.objects.get()
        assert (review.true_intent, review.true_label) == ("billing", "general")


def test_a_running_call_is_not_reviewed(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, "where can i park", over=False)

    response = save(doctor, call)

    assert response.status_code == 422
    assert "still running" in response.content.decode()


# --- Two reviewers, changes ------------------------------------------------------------------------------------------
def test_the_second_of_two_reviewers_sees_the_first_ones_review(
    north: Clinic, doctor: Client, carol: User, client_of: SignIn, hold: Hold
) -> None:
    call = hold(north, *EMERGENCY)
    save(doctor, call, note="The doctor's note.")

    second = save(client_of(carol), call, verdict="false_alarm", alarm_finding="1:0", alarm_label="other", note="Mine.")

    shown = second.content.decode()
    assert second.status_code == 409
    assert "Bob Lee was quicker" in shown
    assert "The doctor&#x27;s note." in shown
    assert "Mine." in shown
    assert 'name="seen" value="1"' in shown
    with inside(north):
        assert Review.objects.get().verdict == "correct"


def test_the_second_may_then_replace_it_and_the_first_stays_in_the_history(
    north: Clinic, doctor: Client, carol: User, client_of: SignIn, hold: Hold
) -> None:
    call, admin = hold(north, *EMERGENCY), client_of(carol)
    save(doctor, call, note="First.")

    save(admin, call, seen=1, verdict="false_alarm", alarm_finding="1:0", alarm_label="other")

    with inside(north):
        assert list(Review.objects.values_list("number", "verdict", "current")) == [
            (1, "correct", False), (2, "false_alarm", True),
        ]  # fmt: skip
        assert Review.objects.standing().get().by == carol
    shown = admin.get(f"/reviews/{call}/").content.decode()
    assert shown.index("Reviewed: False alarm") < shown.index("First.")


def test_a_second_click_is_no_conflict(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *EMERGENCY)

    answers = [save(doctor, call, note="Once.").status_code for _ in range(2)]

    assert answers == [302, 302]
    with inside(north):
        assert Review.objects.count() == 1


def test_the_same_person_in_an_old_tab_is_told_and_nothing_is_dropped(
    north: Clinic, doctor: Client, hold: Hold
) -> None:
    call = hold(north, *QUESTION)
    ticks = digests(doctor.get(f"/reviews/{call}/"))
    save(doctor, call)

    late = save(doctor, call, **{"keep-1": ticks["keep-1"], "label-1": "general"})

    assert late.status_code == 409
    assert "You have written a review." in late.content.decode()
    assert f'value="{ticks["keep-1"]}" checked' in late.content.decode()


def test_a_review_taken_back_brings_the_call_up_again(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *EMERGENCY)
    save(doctor, call)

    response = doctor.post(f"/reviews/{call}/withdraw/", {"seen": 1})

    assert response.status_code == 302
    assert "0 of 1 reviewed this week" in doctor.get("/reviews/").content.decode()
    with inside(north):
        assert list(Review.objects.values_list("verdict", flat=True)) == ["correct", "withdrawn"]
        assert not Review.objects.standing().exists()
    assert save(doctor, call, seen=2).status_code == 302


def test_a_review_that_somebody_replaced_is_not_taken_back(
    north: Clinic, doctor: Client, carol: User, client_of: SignIn, hold: Hold
) -> None:
    call = hold(north, *EMERGENCY)
    save(doctor, call)
    save(client_of(carol), call, seen=1, note="Changed.")

    assert doctor.post(f"/reviews/{call}/withdraw/", {"seen": 1}).status_code == 409


# --- What leaves -----------------------------------------------------------------------------------------------------
def test_only_confirmed_sentences_leave_and_without_identities(
    north: Clinic, carol: User, client_of: SignIn, hold: Hold, no_pilot: None
) -> None:
    call, admin = hold(north, *REFILL), client_of(carol)
    ticks = digests(admin.get(f"/reviews/{call}/"))
    kept = {name: ticks[name] for name in ("keep-1", "keep-2", "keep-8")}
    assert not ticks.keys() & {"keep-3", "keep-5"}  # a bare name, a bare date of birth
    chosen = {f"label-{n}": "refill" for n in (1, 2, 8)}

    save(admin, call, **kept, **chosen)
    got = admin.get("/reviews/export/")

    lines = [json.loads(line) for line in got.content.decode().splitlines()]
    assert got["Content-Disposition"] == 'attachment; filename="reviewed-utterances.jsonl"'
    assert {line["text"] for line in lines} == {"i need a refill of my lisinopril", "the [pharmacy]", "no that is all"}
    assert {tuple(line) for line in lines} == {("id", "text", "lang", "label", "source", "rules_version")}
    assert {line["source"] for line in lines} == {"clinic-reviewed"}
    assert str(call) not in got.content.decode()
    assert len(read_rows(got.content.decode().splitlines())) == 3
    with inside(north):
        assert LogEntry.objects.filter(additional_data__read="calls.utterance export", actor=carol).count() == 1


def test_further_words_are_hidden(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, "i need a refill of my lisinopril for the house by the lighthouse")
    ticks = digests(doctor.get(f"/reviews/{call}/"))

    save(doctor, call, **{"keep-1": ticks["keep-1"], "label-1": "refill"}, hide="the lighthouse, my")

    with inside(north):
        assert Utterance.objects.get().text == "i need a refill of [hidden] lisinopril for the house by [hidden]"


def test_a_word_to_hide_that_hides_nothing_is_refused(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, "i need a refill of my lisinopril, tell kowalski")
    ticks = digests(doctor.get(f"/reviews/{call}/"))
    given = {"keep-1": ticks["keep-1"], "label-1": "refill", "hide": "refill, kowalsky"}

    response = doctor.post(f"/reviews/{call}/save/", {"seen": 0, "verdict": "correct", **given}, HTTP_HX_REQUEST="true")

    assert response.status_code == 422
    assert "A word to hide is not in the sentences you keep." in response.content.decode()
    assert "kowalsk" not in str(response.headers)
    with inside(north):
        assert not Utterance.objects.exists()


def test_a_text_that_nobody_saw_is_not_confirmed(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *QUESTION)

    response = save(doctor, call, **{"keep-1": "0" * 16, "label-1": "general"})

    assert response.status_code == 422
    assert "Look at it and confirm it again" in response.content.decode()


def test_the_judged_sentence_has_the_label_of_the_judgement(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *EMERGENCY)
    ticks = digests(doctor.get(f"/reviews/{call}/"))
    given = {"verdict": "false_alarm", "alarm_finding": "1:0", "alarm_label": "other"}

    save(doctor, call, **given, **{"keep-1": ticks["keep-1"], "label-1": "emergency"})

    with inside(north):
        assert Utterance.objects.get().label == "other"


def test_a_name_that_is_known_only_now_keeps_a_sentence_back(
    north: Clinic, doctor: Client, carol: User, client_of: SignIn, hold: Hold
) -> None:
    from tasks.models import Task

    call, admin = hold(north, "please have someone call me back about wombat"), client_of(carol)
    ticks = digests(admin.get(f"/reviews/{call}/"))
    save(admin, call, **{"keep-1": ticks["keep-1"], "label-1": "callback"})
    assert b"wombat" in admin.get("/reviews/export/").content

    with inside(north):
        task = Task.objects.get(call_id=call)
        task.patient_name = "Wanda Wombat"
        task.save()

    assert admin.get("/reviews/export/").content == b""


def test_utterances_of_a_review_taken_back_do_not_leave(
    north: Clinic, carol: User, client_of: SignIn, hold: Hold
) -> None:
    call, admin = hold(north, *QUESTION), client_of(carol)
    ticks = digests(admin.get(f"/reviews/{call}/"))
    save(admin, call, **{"keep-1": ticks["keep-1"], "label-1": "general"})

    admin.post(f"/reviews/{call}/withdraw/", {"seen": 1})

    assert admin.get("/reviews/export/").content == b""


# --- Who may ---------------------------------------------------------------------------------------------------------
PATHS = ("/reviews/", "/reviews/figures/", "/reviews/export/", "/reviews/{call}/")


def test_the_front_desk_reviews_nothing(north: Clinic, alice: User, client_of: SignIn, hold: Hold) -> None:
    call, client = hold(north, *EMERGENCY), client_of(alice)

    for path in PATHS:
        assert client.get(path.format(call=call)).status_code == 403
    assert save(client, call).status_code == 403
    assert client.post(f"/reviews/{call}/withdraw/", {"seen": 1}).status_code == 403
    assert "/reviews/" not in client.get("/calls/").content.decode()


def test_doctors_review_and_only_admins_download(
    north: Clinic, doctor: Client, carol: User, client_of: SignIn, hold: Hold
) -> None:
    call = hold(north, *EMERGENCY)

    assert [doctor.get(path.format(call=call)).status_code for path in PATHS] == [200, 200, 403, 200]
    assert [client_of(carol).get(path.format(call=call)).status_code for path in PATHS] == [200, 200, 200, 200]
    assert 'href="/reviews/"' in doctor.get("/calls/").content.decode()


def test_a_call_that_nothing_chose_is_reviewed_from_its_own_page(
    north: Clinic, doctor: Client, alice: User, client_of: SignIn, hold: Hold, no_pilot: None
) -> None:
    call = hold(north, *QUESTION)
    assert f'href="/reviews/{call}/"' in doctor.get(f"/calls/{call}/").content.decode()
    assert f'href="/reviews/{call}/"' not in client_of(alice).get(f"/calls/{call}/").content.decode()

    save(doctor, call)

    with inside(north):
        assert Review.objects.get().stratum in {"picked", "sampled"}
    assert "1 of 1 reviewed this week" in doctor.get("/reviews/").content.decode()


def test_another_clinics_call_is_nowhere(north: Clinic, south: Clinic, doctor: Client, hold: Hold) -> None:
    theirs = hold(south, *EMERGENCY)

    for call in (theirs, uuid4()):
        assert doctor.get(f"/reviews/{call}/").status_code == 404
        assert save(doctor, call).status_code == 404
        assert doctor.post(f"/reviews/{call}/withdraw/", {"seen": 1}).status_code == 404
    with inside(south):
        assert not Review.objects.exists()


def test_a_test_call_is_nowhere(north: Clinic, doctor: Client, hold: Hold) -> None:
    call = hold(north, *EMERGENCY, test=True)

    assert doctor.get(f"/reviews/{call}/").status_code == 404
    assert save(doctor, call).status_code == 404
