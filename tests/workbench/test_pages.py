"""The pages of the workbench: who may see them, what they show, and that a look at patients' words is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client

from calls.dialogue.safety.find import shipped
from calls.models import Call, Review, Turn
from calls.workbench import actions, looking
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.models import CallPolicy, OwnRule, RuleChange
from clinics.tenancy import inside
from escalations.models import Escalation
from tests.calls.network import Network
from tests.workbench.rules import ABSCESS, CAUGHT, RAISABLE, RAISED

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
SAID = "good morning, " + CAUGHT + " since Quillfeather yesterday"


def call_with(clinic: Clinic, *words: str, test: bool = False) -> Call:
    network = Network(clinic)
    line, _ = network.call(test=test)
    for one in words:
        network.say_once(line, one)
    with inside(clinic):
        return Call.objects.get(sid=line.sid)


def reads(clinic: Clinic, user: User) -> list[tuple[str, str]]:
    with inside(clinic):
        found = LogEntry.objects.filter(action=LogEntry.Action.ACCESS, actor_email=user.email)
        return [(one.additional_data["read"], one.object_pk) for one in found]


# --- The rule's page -----------------------------------------------------------------------------------------------
def test_every_rule_that_can_be_found_has_a_page(carol: User, client_of: ClientOf) -> None:
    client = client_of(carol)
    ids = [rule.id for language in shipped().languages.values() for rule in language.rules]
    answers = [f"{lang}.answered.{name[4:]}" for lang, one in shipped().languages.items() for name in one.questions]
    refused = [f"answered.{name}" for name in shipped().languages["en"].questions]

    failed = [rule for rule in [*ids, *answers, *refused] if client.get(f"/safety/rules/{rule}/").status_code != 200]

    assert len(ids) > 100
    assert failed == []


@pytest.mark.parametrize("person", ["alice", "bob", "carol"])
def test_everybody_who_sees_findings_reads_the_rule_in_words(
    person: str, client_of: ClientOf, request: pytest.FixtureRequest
) -> None:
    page = client_of(request.getfixturevalue(person)).get("/safety/rules/en.breathing.cannot/").content.decode()

    assert "trouble breathing" in page
    assert 'href="https://www.nhs.uk/symptoms/shortness-of-breath/"' in page
    assert "any word for <em>cannot</em>" in page
    assert "my son is having trouble breathing" in page
    assert "through my nose" in page
    assert shipped().version in page


def test_a_raised_rule_says_what_it_was_and_who_raised_it(north: Clinic, carol: User, client_of: ClientOf) -> None:
    with inside(north):
        actions.publish_draft(by=carol, draft_id=actions.draft_rule(by=carol, draft=RAISED).id)

    page = client_of(carol).get(f"/safety/rules/{RAISABLE}/").content.decode()

    assert "urgent; raised by this clinic to emergency: A clinic for the old" in page
    assert "by Carol Diaz in version 2" in page


def test_an_unknown_rule_and_the_other_clinics_rule_are_nothing_here(
    north: Clinic, carol: User, dave: User, client_of: ClientOf
) -> None:
    with inside(north):
        rule = actions.publish_draft(by=carol, draft_id=actions.draft_rule(by=carol, draft=ABSCESS).id)

    assert client_of(carol).get(f"/safety/rules/{rule.rule}/").status_code == 200
    assert client_of(dave).get(f"/safety/rules/{rule.rule}/").status_code == 404
    assert client_of(carol).get("/safety/rules/en.no.such/").status_code == 404


def test_findings_lead_to_their_rule_from_the_call_the_panel_and_the_escalation(
    north: Clinic, alice: User, client_of: ClientOf
) -> None:
    call = call_with(north, "my chest hurts")
    with inside(north):
        escalation = Escalation.objects.get()
    client = client_of(alice)

    for path in (f"/calls/{call.id}/", f"/calls/{call.id}/transcript/", "/escalations/", escalation.path):
        assert 'href="/safety/rules/en.chest.pain/"' in client.get(path).content.decode(), path


# --- The workbench -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("person", ["alice", "bob"])
@pytest.mark.parametrize("path", ["/safety/", "/safety/drafts/new/", "/safety/drafts/preview/"])
def test_only_clinic_admins_work_on_rules(
    path: str, person: str, client_of: ClientOf, request: pytest.FixtureRequest, form: dict[str, Any]
) -> None:
    client = client_of(request.getfixturevalue(person))

    assert client.get(path).status_code in (403, 405)
    assert client.post(path, form).status_code in (403, 405)


def test_the_figures_count_real_calls_by_rule_and_name_no_word(north: Clinic, carol: User, client_of: ClientOf) -> None:
    first = call_with(north, "my chest hurts, Quillfeather")
    call_with(north, "my chest hurts")
    call_with(north, "my chest hurts", test=True)
    with inside(north):
        turn = Turn.objects.filter(call=first, n=1).get()
        Review.objects.create(
            call=first, turn=turn, verdict="false_alarm", finding="emergency", rule="en.chest.pain", true_label="other",
            stratum="alarm", week="2026-W47", by=carol,
        )  # fmt: skip

    response = client_of(carol).get("/safety/")
    page = response.content.decode()

    (row,) = [one for one in response.context["findings"].fired if one.rule == "en.chest.pain"]
    assert (row.times, row.calls, row.false, row.kind) == (2, 2, 1, "emergency")
    assert response.context["findings"].newest[0].call_id != first.id
    assert [one.call_id for one in response.context["reviewed"].false] == [first.id]
    assert "Quillfeather" not in page
    assert "hurts, " not in page


def test_an_empty_clinic_reads_what_will_show_where(carol: User, client_of: ClientOf) -> None:
    page = client_of(carol).get("/safety/").content.decode()

    assert "No rules of its own yet." in page
    assert "Nothing found yet." in page
    assert "There is no figure yet" in page


def test_the_link_stands_in_an_admins_navigation_only(carol: User, alice: User, client_of: ClientOf) -> None:
    assert 'href="/safety/"' in client_of(carol).get("/tasks/").content.decode()
    assert 'href="/safety/"' not in client_of(alice).get("/tasks/").content.decode()


# --- Drafting ------------------------------------------------------------------------------------------------------
def test_a_nurses_words_become_a_draft_and_then_a_rule(
    north: Clinic, carol: User, client_of: ClientOf, form: dict[str, Any]
) -> None:
    client = client_of(carol)

    response = client.post("/safety/drafts/new/", form)
    with inside(north):
        draft = OwnRule.objects.get()
    assert response["Location"] == f"/safety/drafts/{draft.id}/"
    assert (draft.rule, draft.parts[0], draft.unless) == (
        "en.clinic.tooth-abscess",
        ["tooth", "jaw", "wisdom tooth"],
        ["dentist"],
    )

    client.post(f"/safety/drafts/{draft.id}/save/", form | {"kind": "urgent"})
    client.post(f"/safety/drafts/{draft.id}/publish/")
    with inside(north):
        draft.refresh_from_db()
        assert (draft.status, draft.kind, draft.published_by) == ("published", "urgent", carol)
        assert CallPolicy.objects.get(version=2).published_by == carol


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"first": ""}, "This field is required"),
        ({"first": "the"}, "too small a word to listen for"),
        ({"first": "jaw & <pain>"}, "holds a sign that nobody speaks"),
        ({"first": "my jaw hurts when I eat an apple"}, "too long to be said alike"),
        ({"language": "fr"}, "Select a valid choice"),
        ({"kind": "medication"}, "Select a valid choice"),
        ({"title": ""}, "This field is required"),
        ({"sort": "raised", "rule": "en.chest.pain"}, "Select a valid choice"),
        ({"sort": "raised", "rule": RAISABLE, "kind": "urgent"}, "A clinic can raise it, never keep it there"),
    ],
)
def test_what_cannot_be_a_rule_comes_back_with_a_sentence(
    changed: dict[str, str], complaint: str, north: Clinic, carol: User, client_of: ClientOf, form: dict[str, Any]
) -> None:
    response = client_of(carol).post("/safety/drafts/new/", form | changed)

    assert response.status_code == 422
    assert complaint in response.content.decode()
    with inside(north):
        assert not OwnRule.objects.exists()


def test_the_preview_shows_at_once_what_it_would_catch_and_records_the_look(
    north: Clinic, carol: User, client_of: ClientOf, form: dict[str, Any]
) -> None:
    call = call_with(north, SAID)
    call_with(north, SAID, test=True)
    call_with(north, "I need a refill")

    client = client_of(carol)
    page = client.post("/safety/drafts/preview/", form, headers={"HX-Request": "true"}).content.decode()
    calls = client.post("/safety/drafts/preview/", form).context["preview"].calls

    assert "Quillfeather" in page
    assert f'href="/calls/{call.id}/"' in page
    assert (len(calls.worse), calls.looked_at, calls.of, calls.finished) == (1, 2, 2, True)
    assert "<html" not in page
    assert ("calls.call rule preview", str(call.id)) in reads(north, carol)
    with inside(north):
        assert not OwnRule.objects.exists()


def test_a_rule_half_written_says_what_is_missing_and_looks_at_nothing(
    north: Clinic, carol: User, client_of: ClientOf, form: dict[str, Any]
) -> None:
    call_with(north, SAID)

    response = client_of(carol).post("/safety/drafts/preview/", form | {"first": ""}, headers={"HX-Request": "true"})

    assert "Callers say one of these: This field is required" in response.content.decode()
    assert reads(north, carol) == []


def test_the_preview_counts_what_reviewers_have_said(
    north: Clinic, carol: User, client_of: ClientOf, form: dict[str, Any]
) -> None:
    missed, right = call_with(north, SAID), call_with(north, SAID)
    with inside(north):
        given = {"stratum": "sampled", "week": "2026-W47", "by": carol}
        Review.objects.create(call=missed, verdict="missed", true_label="emergency", **given)
        Review.objects.create(call=right, verdict="correct", **given)

    calls = client_of(carol).post("/safety/drafts/preview/", form).context["preview"].calls

    assert (len(calls.worse), calls.confirmed, calls.refuted) == (2, 1, 1)


def test_a_rule_that_alarms_on_routine_sentences_is_warned_about(
    carol: User, client_of: ClientOf, form: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_after", lambda deadline: lambda: False)  # a busy machine sees less in its seconds
    loud = form | {"first": "appointment, medicine, question, cough", "second": "", "unless": ""}

    response = client_of(carol).post("/safety/drafts/preview/", loud)

    corpus = response.context["preview"].corpus
    assert len(corpus.alarming) > 10
    assert all(line.after and line.after.kind == "emergency" for line in corpus.alarming)
    assert "make the words narrower" in response.content.decode()


def test_another_clinics_calls_are_not_looked_at(
    north: Clinic, south: Clinic, carol: User, client_of: ClientOf, form: dict[str, Any]
) -> None:
    call_with(south, SAID)

    response = client_of(carol).post("/safety/drafts/preview/", form)

    assert response.context["preview"].calls.of == 0
    assert "Quillfeather" not in response.content.decode()


# --- Taking back ---------------------------------------------------------------------------------------------------
def test_two_people_take_a_rule_back_on_its_page(north: Clinic, carol: User, erin: User, client_of: ClientOf) -> None:
    call_with(north, SAID)
    with inside(north):
        rule = actions.publish_draft(by=carol, draft_id=actions.draft_rule(by=carol, draft=ABSCESS).id)
    path = f"/safety/own/{rule.id}/"
    first, second = client_of(carol), client_of(erin)

    page = first.get(path)
    assert len(page.context["preview"].calls.milder) == 1
    assert first.post(path + "ask/", {"change": "remove", "reason": ""}).status_code == 422
    first.post(path + "ask/", {"change": "remove", "reason": "Too loud"})
    with inside(north):
        asked = RuleChange.objects.get()
    assert "It needs another clinic admin." in first.get(path).content.decode()
    assert first.post(f"/safety/changes/{asked.id}/approve/").status_code == 409

    assert "Carol Diaz asks: Too loud" in second.get(path).content.decode()
    assert "It needs a second clinic admin" in second.get("/safety/").content.decode()
    assert second.post(f"/safety/changes/{asked.id}/approve/").status_code == 302
    with inside(north):
        rule.refresh_from_db()
        assert (rule.status, rule.retired_by) == ("retired", erin)
    assert client_of(carol).get(f"/safety/rules/{rule.rule}/").status_code == 200  # old findings name it
