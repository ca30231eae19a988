"""A sensitive call opens to named people only, with everything that hangs on it; danger rings for everyone."""

from __future__ import annotations

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from calls.models import Call, Utterance
from calls.sensitive import actions
from clinics.people.models import User
from clinics.practice.sensitive import BrokenGlass, NamedForCall, SensitiveCall
from clinics.practice.sensitive import Closed as Shut
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from escalations import actions as escalations
from escalations.models import VEIL, Escalation
from notifications.actions import inbox
from notifications.models import Event, Notification
from tasks import actions as tasks
from tasks.models import Task
from tests.calls.network import Network
from tests.product.canaries import hits, refill
from tests.product.walk import CLINIC, routes
from tests.sensitive.conftest import Closed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("glances")]

LISTS = (
    "/tasks/?q=quor", "/tasks/?status=decision", "/tasks/?status=completed", "/tasks/promises/", "/calls/?outcome=task",
    "/calls/?intent=refill", "/escalations/?status=open", "/escalations/?status=acknowledged", "/decisions/",
    "/notifications/bell/", "/api/tasks/?page_size=200", "/api/calls/", "/api/escalations/", "/alarms/open/",
    "/reviews/?show=done", "/reviews/export/",
)  # fmt: skip


def said(client: Client, path: str, shut: Closed) -> list[str]:
    found = []
    for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
        response = client.get(path, **headers)
        assert response.status_code < 500, path
        found += hits(response.content + str(response.headers).encode(), shut.patient)
    return found


@pytest.mark.parametrize("who", ["alice", "bob", "auditor"])
def test_no_page_list_or_api_tells_a_word_of_it_to_who_is_not_named(
    who: str, shut: Closed, desks: dict[str, Client]
) -> None:
    told = {}
    for call_id in (shut.refill, shut.emergency):
        given = {"call_id": call_id, "task_id": shut.task, "escalation_id": shut.escalation}
        for route in routes(CLINIC):
            told[route.name] = said(desks[who], route.path(given), shut)
    for path in LISTS:
        told[path] = [hit for hit in said(desks[who], path, shut) if "q=" not in path or hit != "quorndale"]

    assert {path: hit for path, hit in told.items() if hit} == {}


def test_who_is_named_reads_all_of_it(shut: Closed, desks: dict[str, Client]) -> None:
    """So that the test above cannot pass because nothing was said."""
    paths = (f"/calls/{shut.refill}/", f"/tasks/{shut.task}/", f"/escalations/{shut.escalation}/", "/api/tasks/")

    assert all(said(desks["carol"], path, shut) for path in paths)


def test_a_closed_thing_answers_403_and_another_clinics_404(shut: Closed, desks: dict[str, Client]) -> None:
    for path in ("/calls/{}/", "/calls/{}/transcript/", "/api/calls/{}/", "/api/transcripts/{}/"):
        assert desks["alice"].get(path.format(shut.refill)).status_code == 403
        assert desks["alice"].get(path.format(shut.clinic.public_id)).status_code == 404
    assert desks["alice"].get(f"/tasks/{shut.task}/").status_code == 403
    assert desks["alice"].get(f"/api/tasks/{shut.task}/").status_code == 403


def test_an_emergency_rings_for_everyone_without_its_words(shut: Closed, desks: dict[str, Client]) -> None:
    (alarm,) = desks["alice"].get("/alarms/open/").json()["alarms"]

    assert (alarm["id"], alarm["level"], alarm["caller"], alarm["summary"]) == (
        str(shut.escalation), "emergency", "sensitive call", VEIL,
    )  # fmt: skip
    page = desks["alice"].get("/escalations/").content.decode()
    assert "Sensitive call" in page
    assert "Acknowledge" in page
    assert Event.objects.filter(about=shut.escalation, kind="escalation.raised").exists()


def test_who_is_not_named_can_take_the_emergency_and_still_reads_no_word(
    shut: Closed, desks: dict[str, Client], alice: User
) -> None:
    answer = desks["alice"].post(f"/escalations/{shut.escalation}/acknowledge/")

    assert answer.status_code == 302
    with inside(shut.clinic):
        assert Escalation.objects.get(pk=shut.escalation).handler == alice
    assert said(desks["alice"], f"/escalations/{shut.escalation}/", shut) == []


def test_a_milder_matter_of_it_is_closed_altogether(shut: Closed, desks: dict[str, Client], alice: User) -> None:
    with inside(shut.clinic):
        Escalation.objects.filter(pk=shut.escalation).update(level="attention", reason="not_understood")

    assert desks["alice"].get(f"/escalations/{shut.escalation}/").status_code == 403
    assert desks["alice"].get(f"/api/escalations/{shut.escalation}/").status_code == 403
    with inside(shut.clinic), pytest.raises(Shut):
        escalations.acknowledge(by=alice, escalation_id=shut.escalation)


def test_a_row_whose_words_are_withheld_is_never_written_back(shut: Closed, alice: User) -> None:
    with inside(shut.clinic):
        row = Escalation.objects.told_to(alice).get(pk=shut.escalation)
        call = Call.objects.listed_for(alice).get(pk=shut.refill)
        assert (row.words, row.from_number, call.from_number, call.intent) == ("", "", "", "")
        for one in (row, call):
            with pytest.raises(ValueError, match="not written back"):
                one.save()


@pytest.mark.parametrize("deed", [tasks.claim, tasks.complete, tasks.release])
def test_no_deed_reaches_it(deed: object, shut: Closed, alice: User) -> None:
    with inside(shut.clinic), pytest.raises(Shut):
        deed(by=alice, task_id=shut.task, version=1)  # type: ignore[operator]


def test_nobody_but_the_named_hears_of_its_work(shut: Closed, alice: User, carol: User) -> None:
    about = {"clinic": shut.clinic, "kind": "task.opened", "about": shut.task, "path": f"/tasks/{shut.task}/"}
    event = Event.objects.get(about=shut.task, kind="task.opened")
    for person in (alice, carol):
        Notification.objects.create(person=person.pk, event=event, **about)

    with inside(shut.clinic):
        assert inbox(by=alice).filter(about=shut.task).count() == 0
        assert inbox(by=carol).filter(about=shut.task).count() == 1


def test_the_whole_platform_takes_one_statement_to_know_what_is_closed(shut: Closed, alice: User) -> None:
    with inside(shut.clinic), CaptureQueriesContext(connection) as queries:
        list(Task.objects.visible_to(alice)[:50])

    assert len([one for one in queries if "tasks_task" in one["sql"]]) == 1
    assert len([one for one in queries if "SELECT" in one["sql"]]) == 1


# --- Breaking the glass ----------------------------------------------------------------------------------------------
REASON = {"reason": "care", "words": "on the line, asks for the pills"}


@pytest.mark.parametrize("given", [{}, {"reason": "care"}, {"words": "because"}, {"reason": "x", "words": "because"},
                                   {"reason": "care", "words": "    "}])  # fmt: skip
def test_without_a_reason_nothing_opens(given: dict[str, str], shut: Closed, desks: dict[str, Client]) -> None:
    answer = desks["alice"].post(f"/calls/{shut.refill}/break-glass/", given)

    assert answer.status_code == 422
    assert desks["alice"].get(f"/calls/{shut.refill}/").status_code == 403


def test_with_a_reason_it_opens_alarms_and_is_written_down(shut: Closed, desks: dict[str, Client]) -> None:
    assert desks["alice"].post(f"/calls/{shut.refill}/break-glass/", REASON).status_code == 302

    assert said(desks["alice"], f"/calls/{shut.refill}/", shut)
    assert said(desks["alice"], f"/tasks/{shut.task}/", shut)
    assert desks["bob"].get(f"/calls/{shut.refill}/").status_code == 403
    assert Event.objects.filter(about=shut.refill, kind="sensitive.opened").count() == 1
    with inside(shut.clinic):
        entry = LogEntry.objects.get(object_pk=str(shut.refill), changes__has_key="glass")
        assert entry.additional_data["why"] == "care"
        assert "pills" not in str(vars(entry))


def test_it_closes_by_itself_and_can_be_given_back(shut: Closed, desks: dict[str, Client], alice: User) -> None:
    path = f"/calls/{shut.refill}/"
    desks["alice"].post(f"{path}break-glass/", REASON)
    with inside(shut.clinic), connection.cursor() as cursor:
        cursor.execute("UPDATE practice_brokenglass SET expires_at = now() - interval '1 second'")
    assert desks["alice"].get(path).status_code == 403

    desks["alice"].post(f"{path}break-glass/", REASON)
    assert desks["alice"].get(path).status_code == 200
    desks["alice"].post(f"{path}give-back/")
    assert desks["alice"].get(path).status_code == 403
    with inside(shut.clinic):
        assert BrokenGlass.objects.filter(person=alice).count() == 2


def test_a_second_break_finds_it_open_and_alarms_nobody_again(shut: Closed, alice: User) -> None:
    with inside(shut.clinic):
        first, second = (actions.break_glass(by=alice, call_id=shut.refill, **REASON) for _ in range(2))

    assert first.pk == second.pk
    assert Event.objects.filter(kind="sensitive.opened").count() == 1


def test_an_auditor_cannot_break_it(shut: Closed, desks: dict[str, Client]) -> None:
    assert desks["auditor"].post(f"/calls/{shut.refill}/break-glass/", REASON).status_code == 403


def test_somebody_else_reviews_it_once(shut: Closed, carol: User, alice: User, desks: dict[str, Client]) -> None:
    with inside(shut.clinic):
        glass = actions.break_glass(by=alice, call_id=shut.refill, **REASON)
        with pytest.raises(actions.Refused, match="why it was not justified"):
            actions.review(by=carol, glass_id=glass.pk, verdict="not_justified", words="")
        with pytest.raises(actions.Refused, match="somebody else"):
            actions.review(by=alice, glass_id=glass.pk, verdict="justified", words="")
    path = f"/settings/sensitive/openings/{glass.pk}/"
    assert "asks for the pills" in desks["carol"].get("/settings/sensitive/").content.decode()
    assert desks["carol"].post(path, {"verdict": "justified"}).status_code == 302
    assert desks["carol"].post(path, {"verdict": "not_justified", "words": "no"}).status_code == 422
    with inside(shut.clinic):
        assert BrokenGlass.objects.get(pk=glass.pk).verdict == "justified"


def test_why_it_was_opened_and_what_came_of_it_are_sealed(shut: Closed, carol: User, alice: User) -> None:
    with inside(shut.clinic):
        glass = actions.break_glass(by=alice, call_id=shut.refill, **REASON)
        actions.review(by=carol, glass_id=glass.pk, verdict="not_justified", words="nobody was on the line")
        read = BrokenGlass.objects.get(pk=glass.pk)
        assert (read.words, read.review_words) == (REASON["words"], "nobody was on the line")
        with connection.cursor() as cursor:
            cursor.execute("SELECT words, review_words FROM practice_brokenglass")
            held = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"on the line" not in held


# --- Marking ---------------------------------------------------------------------------------------------------------
def test_lifting_the_mark_opens_it_again_and_naming_closes_it_to_others(
    shut: Closed, desks: dict[str, Client], bob: User, carol: User
) -> None:
    page = f"/settings/sensitive/{shut.refill}/"
    assert desks["carol"].post(f"{page}people/", {"people": [str(bob.pk)]}).status_code == 302
    assert desks["bob"].get(f"/calls/{shut.refill}/").status_code == 200
    assert desks["carol"].get(f"/calls/{shut.refill}/").status_code == 403
    assert desks["carol"].post(f"{page}people/", {}).status_code == 422

    assert desks["carol"].post(f"{page}lift/").status_code == 302
    assert desks["alice"].get(f"/calls/{shut.refill}/").status_code == 200
    assert desks["carol"].post(f"{page}mark/", {"why": "vip", "people": [str(carol.pk)]}).status_code == 302
    assert desks["alice"].get(f"/calls/{shut.refill}/").status_code == 403


def test_a_colleagues_own_call_is_closed_to_colleagues_from_its_first_word(
    north: object, alice: User, carol: User, desks: dict[str, Client], shut: Closed
) -> None:
    with inside(shut.clinic):
        User.objects.filter(pk=alice.pk).update(phone="+12025550148")
    forget_everything()  # another process believes its list of numbers for some seconds
    line, _ = Network(shut.clinic).call(caller="+12025550148")

    with inside(shut.clinic):
        call = Call.objects.get(sid=line.sid)
        assert SensitiveCall.objects.get(pk=call.pk).why == "staff"
        named = NamedForCall.objects.filter(content_object=call.pk).values_list("user_id", flat=True)
        assert list(named) == [carol.pk]
    assert desks["alice"].get(f"/calls/{call.pk}/").status_code == 403


def test_a_named_numbers_calls_are_marked_and_the_number_is_not_kept(
    shut: Closed, desks: dict[str, Client], bob: User
) -> None:
    given = {"number": shut.patient.callback, "why": "vip", "people": [str(bob.pk)]}
    assert desks["carol"].post("/settings/sensitive/numbers/", given).status_code == 302
    with inside(shut.clinic), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(n)::text FROM practice_sensitivenumber n")
        assert hits(cursor.fetchone()[0], shut.patient) == []

    forget_everything()
    line = refill(Network(shut.clinic), shut.patient)  # from another number; the call-back number is the marked one

    with inside(shut.clinic):
        call = Call.objects.get(sid=line.sid)
        assert NamedForCall.objects.get(content_object=call.pk).user == bob
    for wrong in ({"number": "12"}, {"number": "", "why": "vip"}, {"number": "+12025550149", "why": "vip"}):
        assert desks["carol"].post("/settings/sensitive/numbers/", wrong).status_code == 422


def test_what_it_taught_never_leaves_the_clinic(shut: Closed) -> None:
    with inside(shut.clinic):
        assert "practice_sensitivecall" in str(Utterance.objects.may_leave().query)
