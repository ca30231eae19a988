"""Every address and every method, as everybody who might ask. A new address fails here until it has its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from clinics.models import Clinic
from clinics.people.roles import Permission, Role, allows
from clinics.people.urls import way_in
from notifications.models import Notification
from tests.conftest import client_on
from tests.product.canaries import Patient, hits
from tests.product.walk import CLINIC, METHODS, PUBLIC, Route, routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("glances")]

REFUSALS = {401, 403, 404, 405}
SAFE = {"GET": {200}, "HEAD": {200}}
WEBHOOK = {"POST": {403, 415}}

# What a stranger may get besides a refusal or the way to sign in.
OPEN: dict[str, dict[str, set[int]]] = {
    "people:sign_in": {**SAFE, "POST": {422}},
    "people:passkey": {"GET": {200}},  # what a browser needs to ask for a passkey; the same for everybody
    "people:forgot": {**SAFE, "POST": {422}},
    "calls:incoming": WEBHOOK,
    "calls:hear": WEBHOOK,
    "calls:status": WEBHOOK,
    "calls:fallback": WEBHOOK,
    "calls:overhear": WEBHOOK,
    "calls:recording": WEBHOOK,
    "calls:voicemail_transcript": WEBHOOK,
    "handover:wait": WEBHOOK,
    "relay:after": WEBHOOK,
    "handover:events": WEBHOOK,
    "handover:after": WEBHOOK,
    "handover:brief": WEBHOOK,
    "handover:key": WEBHOOK,
    "handover:leg_status": WEBHOOK,
    "notifications:sms": WEBHOOK,
    "notifications:sms_status": WEBHOOK,
    "notifications:voice_answered": WEBHOOK,
    "notifications:voice_key": WEBHOOK,
    "notifications:voice_status": WEBHOOK,
    "landing": SAFE,
    "metrics": SAFE,  # the walk comes from this machine; strangers are refused in tests/watching
}
ADMINS_DOOR = ("/admin/login/", "/admin/", "/sign-in/")

ANYONE = None  # whoever is signed in
PAGE = {"GET": 200, "HEAD": 200}
API = {"GET": 200, "HEAD": 200, "OPTIONS": 200}
DEED = {"POST": 415, "OPTIONS": 200}  # the walk sends no JSON
UNCLEAR = {"POST": 422}  # a deed that is not filled in does nothing and says so
DONE = {"POST": 302}


class Changed(NamedTuple):
    """A page that is seen with one right and changed, at the same address, with another."""

    see: Permission
    change: Permission


# What people of the clinic get for things that exist: the right that is needed, and what each method answers.
TABLE: dict[str, tuple[Permission | Changed | None, dict[str, int]]] = {
    "calls:clip": (ANYONE, {"GET": 404, "HEAD": 404}),  # an address that nobody was given
    "people:dashboard": (ANYONE, dict.fromkeys(METHODS, 302)),
    "people:sign_in": (ANYONE, {"GET": 302, "HEAD": 302, "POST": 422}),
    "people:sign_out": (ANYONE, DONE),
    "people:passkey": (ANYONE, {"GET": 200, "POST": 302}),  # signs nobody in: back to the sign-in page, with the reason
    "people:code": (ANYONE, {"GET": 302, "HEAD": 302, "POST": 302}),  # nobody is between the steps: back to the first
    "people:recovery": (ANYONE, {"GET": 302, "HEAD": 302, "POST": 302}),
    "people:set_up": (ANYONE, {"GET": 302, "HEAD": 302, "POST": 302}),
    "people:forgot": (ANYONE, PAGE | UNCLEAR),
    "people:follow_link": (ANYONE, {"GET": 404, "HEAD": 404}),
    "people:choose_password": (ANYONE, {"GET": 404, "HEAD": 404, "POST": 404}),
    "people:session": (ANYONE, {"GET": 200, "POST": 200}),
    "people:profile": (ANYONE, PAGE),
    "people:rename": (ANYONE, UNCLEAR),
    "people:set_keys": (ANYONE, DONE),
    "people:set_spanish": (ANYONE, DONE),
    "people:set_language": (ANYONE, DONE),
    "people:change_password": (ANYONE, PAGE | UNCLEAR),
    "people:change_address": (ANYONE, PAGE | UNCLEAR),
    "people:confirm_address": (ANYONE, {"GET": 404, "HEAD": 404, "POST": 404}),  # this browser followed no link
    "people:add_app": (ANYONE, PAGE | UNCLEAR),
    "people:add_passkey": (ANYONE, PAGE | UNCLEAR),
    "people:remove_factor": (ANYONE, {"POST": 404}),
    "people:renew_codes": (ANYONE, DONE),  # there is no second step that they would stand in for: says so
    "people:end_session": (ANYONE, {"POST": 404}),
    "people:end_others": (ANYONE, DONE),
    "people:revoke_token": (ANYONE, {"POST": 404}),
    "people:people": (Permission.SEE_PEOPLE, PAGE),
    "people:invite": (Permission.INVITE_PEOPLE, UNCLEAR),
    "people:set_rules": (Permission.SET_SIGN_IN_RULES, DONE),
    "people:withdraw_invitation": (Permission.WITHDRAW_INVITATIONS, {"POST": 404}),  # the walk knows no invitation
    "people:change_role": (Permission.CHANGE_ROLES, {"POST": 404}),  # nor a person
    "people:deactivate": (Permission.DEACTIVATE_PEOPLE, {"POST": 404}),
    "people:reactivate": (Permission.REACTIVATE_PEOPLE, {"POST": 404}),
    "people:sign_out_everywhere": (Permission.SIGN_PEOPLE_OUT, {"POST": 404}),
    "people:reset_second_step": (Permission.RESET_SECOND_STEPS, {"POST": 404}),
    "people:send_password_link": (Permission.SEND_PASSWORD_LINKS, {"POST": 404}),
    "people:styleguide": (ANYONE, PAGE),
    "api_docs": (ANYONE, PAGE),
    "api_schema": (ANYONE, API),
    "tasks:queue": (Permission.SEE_TASKS, PAGE),
    "tasks:promises": (Permission.SEE_TASKS, PAGE),
    "tasks:find": (Permission.SEE_TASKS, DONE),
    "tasks:look": (Permission.SEE_TASKS, {"POST": 200}),
    "tasks:save_view": (Permission.SAVE_VIEWS, DONE),
    "tasks:forget_view": (Permission.FORGET_VIEWS, {"POST": 404}),  # the walk knows no view
    "tasks:row_deed": (Permission.SEE_TASKS, UNCLEAR),
    "tasks:do_many": (Permission.SEE_TASKS, UNCLEAR),
    "tasks:undo": (Permission.UNDO_DEEDS, DONE),
    "tasks:assign_task": (Permission.ASSIGN_TASKS, UNCLEAR),
    "tasks:snooze_task": (Permission.SNOOZE_TASKS, UNCLEAR),
    "tasks:wake_task": (Permission.WAKE_TASKS, UNCLEAR),
    "tasks:detail": (Permission.SEE_TASKS, PAGE),
    "tasks:claim_task": (Permission.CLAIM_TASKS, UNCLEAR),
    "tasks:release_task": (Permission.RELEASE_TASKS, UNCLEAR),
    "tasks:complete_task": (Permission.COMPLETE_TASKS, UNCLEAR),
    "tasks:reopen_task": (Permission.REOPEN_TASKS, UNCLEAR),
    "tasks:cancel_task": (Permission.CANCEL_TASKS, UNCLEAR),
    "tasks:decide_task": (Permission.DECIDE_TASKS, UNCLEAR),
    "tasks:add_note": (Permission.WRITE_NOTES, UNCLEAR),
    "tasks:note_missed": (Permission.NOTE_MISSED, UNCLEAR),
    "api-tasks": (Permission.SEE_TASKS, API),
    "api-task": (Permission.SEE_TASKS, API),
    "api-claim_task": (Permission.CLAIM_TASKS, DEED),
    "api-complete_task": (Permission.COMPLETE_TASKS, DEED),
    "api-reopen_task": (Permission.REOPEN_TASKS, DEED),
    "api-decide_task": (Permission.DECIDE_TASKS, DEED),
    "escalations:list": (Permission.SEE_ESCALATIONS, PAGE),
    "escalations:detail": (Permission.SEE_ESCALATIONS, PAGE),
    "escalations:acknowledge_escalation": (Permission.ACKNOWLEDGE_ESCALATIONS, DONE),
    "escalations:resolve_escalation": (Permission.RESOLVE_ESCALATIONS, UNCLEAR),
    "escalations:take_over_escalation": (Permission.TAKE_OVER_ESCALATIONS, UNCLEAR),
    "escalations:reopen_escalation": (Permission.REOPEN_ESCALATIONS, UNCLEAR),
    "escalations:from_text": (Permission.SEE_ESCALATIONS, PAGE),
    "escalations:ladder": (Permission.SEE_ESCALATIONS, PAGE),
    "escalations:on_call": (Permission.SEE_ESCALATIONS, PAGE),
    "escalations:add_shift": (Permission.ADD_SHIFTS, UNCLEAR),
    "escalations:remove_shift": (Permission.REMOVE_SHIFTS, {"POST": 404}),  # the walk knows no shift
    "escalations:set_number": (Permission.SET_ON_CALL_NUMBERS, {"POST": 404}),
    "escalations:set_times": (Permission.SET_LADDER_TIMES, UNCLEAR),
    "escalations:open_alarms": (Permission.SEE_ESCALATIONS, PAGE),
    "api-escalations": (Permission.SEE_ESCALATIONS, API),
    "api-escalation": (Permission.SEE_ESCALATIONS, API),
    "api-acknowledge_escalation": (Permission.ACKNOWLEDGE_ESCALATIONS, DEED),
    "api-resolve_escalation": (Permission.RESOLVE_ESCALATIONS, DEED),
    "decisions:waiting": (Permission.SEE_DECISIONS, PAGE),
    "decisions:decided": (Permission.SEE_DECISIONS, PAGE),
    "decisions:decide": (Permission.DECIDE_TASKS, UNCLEAR),
    "decisions:undo": (Permission.UNDO_DECISIONS, {"POST": 409}),
    "decisions:confirm_identity": (Permission.CONFIRM_PATIENTS, {"POST": 409}),
    "decisions:ask_staff": (Permission.ASK_STAFF, {"POST": 409}),
    "decisions:answer_doctor": (Permission.ANSWER_DOCTORS, DONE),
    "calls:list": (Permission.SEE_CALLS, PAGE),
    "calls:detail": (Permission.SEE_CALLS, PAGE),
    "calls:transcript": (Permission.SEE_CALLS, PAGE),
    "calls:evidence": (Permission.SEE_CALLS, PAGE),
    "calls:live": (Permission.SEE_CALLS, PAGE),
    "calls:correct_turn": (Permission.CORRECT_TRANSCRIPTS, UNCLEAR),
    "recordings:of_call": (Permission.HEAR_RECORDINGS, {"GET": 404, "HEAD": 404}),  # the walk records nothing
    "recordings:listen": (Permission.HEAR_RECORDINGS, {"GET": 404, "HEAD": 404}),
    "recordings:place_hold": (Permission.HOLD_RECORDS, DONE),
    "recordings:lift_hold": (Permission.RELEASE_RECORDS, DONE),
    "api-calls": (Permission.SEE_CALLS, API),
    "api-call": (Permission.SEE_CALLS, API),
    "api-transcript": (Permission.SEE_CALLS, API),
    "analytics:numbers": (Permission.SEE_ANALYTICS, PAGE),
    "analytics:download": (Permission.SEE_ANALYTICS, {"GET": 404, "HEAD": 404}),  # the walk knows no chart
    "analytics:calls": (Permission.SEE_ANALYTICS, PAGE),
    "analytics:download_calls": (Permission.SEE_ANALYTICS, PAGE),
    "api-analytics-calls": (Permission.SEE_ANALYTICS, API),
    "api-analytics-forecast": (Permission.SEE_ANALYTICS, API),
    "api-analytics-summary": (Permission.SEE_ANALYTICS, API),
    "api-analytics-hourly": (Permission.SEE_ANALYTICS, API),
    "practice:index": (Permission.SEE_SETTINGS, PAGE),
    "practice:platform": (Permission.SEE_SETTINGS, PAGE),
    "practice:set_language": (Permission.SET_LANGUAGE, DONE),
    "practice:hours": (
        Changed(Permission.SEE_SETTINGS, Permission.SET_HOURS),
        PAGE | {"POST": 200},
    ),  # shows the change first
    "practice:set_holiday": (Permission.SET_HOLIDAYS, UNCLEAR),
    "voice:overview": (Permission.SEE_SETTINGS, PAGE),
    "voice:start_test": (Permission.START_VOICE_TESTS, UNCLEAR),
    "voice:stop_test": (Permission.STOP_VOICE_TESTS, DONE),  # none runs: says so
    "practice:remove_holiday": (Permission.REMOVE_HOLIDAYS, {"POST": 404}),  # the walk knows no holiday
    "practice:close_now": (Permission.CLOSE_CLINIC, UNCLEAR),
    "practice:open_again": (Permission.OPEN_CLINIC, DONE),
    "practice:policy": (Changed(Permission.SEE_SETTINGS, Permission.PUBLISH_POLICY), PAGE | UNCLEAR),
    "practice:version": (Permission.SEE_SETTINGS, PAGE),
    "practice:restore": (Permission.RESTORE_POLICY, DONE),
    "practice:facts": (Changed(Permission.SEE_SETTINGS, Permission.APPROVE_FACTS), PAGE | UNCLEAR),
    "practice:remove_fact": (Permission.REMOVE_FACTS, DONE),
    "phrasing:sentences": (Permission.SEE_SETTINGS, PAGE),
    "phrasing:sentence": (
        Changed(Permission.SEE_SETTINGS, Permission.WORD_SENTENCES),
        {"GET": 404, "HEAD": 404, "POST": 404},
    ),  # the walk knows none
    "readiness:phase": (Permission.SEE_SETTINGS, PAGE),
    "retention:rules": (
        Changed(Permission.SEE_RETENTION, Permission.CHANGE_RETENTION),
        PAGE | {"POST": 200},
    ),  # shows the change first
    "calls:hear_greeting": (Permission.SEE_SETTINGS, {"POST": 200}),
    "sensitive:overview": (Permission.SEE_SENSITIVE_CALLS, PAGE),
    "sensitive:protect_number": (Permission.PROTECT_NUMBERS, UNCLEAR),
    "sensitive:forget_number": (Permission.FORGET_NUMBERS, {"POST": 404}),  # the walk keeps no number
    "sensitive:review_opening": (Permission.REVIEW_OPENINGS, {"POST": 404}),
    "sensitive:call": (Permission.SEE_SENSITIVE_CALLS, PAGE),
    "sensitive:mark_call": (Permission.MARK_SENSITIVE_CALLS, UNCLEAR),
    "sensitive:name_people": (Permission.NAME_PEOPLE, {"POST": 404}),  # the call is open to all
    "sensitive:lift": (Permission.LIFT_SENSITIVITY, {"POST": 404}),
    "sensitive:break_glass": (Permission.OPEN_SENSITIVE_CALLS, {"POST": 404}),  # the call is open to all
    "sensitive:give_back": (Permission.GIVE_BACK_CALLS, {"POST": 404}),
    "audit:trail": (Permission.SEE_AUDIT, PAGE),
    "audit:export": (Permission.EXPORT_AUDIT, PAGE),
    "calls:looks": (Permission.SEE_AUDIT, PAGE),
    "tasks:put_to": (Permission.PUT_TO_DOCTORS, UNCLEAR),
    "tasks:cover": (Permission.SEE_SETTINGS, PAGE),
    "tasks:add_cover": (Permission.ADD_COVER, UNCLEAR),
    "tasks:remove_cover": (Permission.REMOVE_COVER, {"POST": 404}),
    "drills:list": (Permission.SEE_DRILLS, PAGE),
    "drills:ask": (Permission.RUN_DRILLS, DONE),
    "notifications:deliveries": (Permission.SEE_DELIVERIES, PAGE),
    "notifications:deliveries_retry": (Permission.RETRY_DELIVERIES, DONE),
    "notifications:delivery_retry": (Permission.RETRY_DELIVERIES, DONE),
    "notifications:delivery_discard": (Permission.DISCARD_DELIVERIES, DONE),
    "reviews:list": (Permission.SEE_REVIEWS, PAGE),
    "reviews:figures": (Permission.SEE_REVIEWS, PAGE),
    "reviews:export": (Permission.EXPORT_REVIEWS, PAGE),
    "reviews:detail": (Permission.SEE_REVIEWS, PAGE),
    "reviews:save_review": (Permission.REVIEW_CALLS, UNCLEAR),
    "reviews:withdraw_review": (Permission.WITHDRAW_REVIEWS, UNCLEAR),
    "safety:workbench": (Permission.SEE_SAFETY_RULES, PAGE),
    "safety:corpus": (Permission.SEE_SAFETY_RULES, PAGE),
    "safety:new_draft": (Changed(Permission.SEE_SAFETY_RULES, Permission.DRAFT_SAFETY_RULES), PAGE | UNCLEAR),
    "safety:preview_draft": (Permission.SEE_SAFETY_RULES, {"POST": 200}),  # says what is missing
    "safety:draft": (Permission.SEE_SAFETY_RULES, PAGE),
    "safety:save_draft": (Permission.DRAFT_SAFETY_RULES, UNCLEAR),
    "safety:publish_draft": (Permission.PUBLISH_SAFETY_RULES, DONE),
    "safety:discard_draft": (Permission.DISCARD_SAFETY_DRAFTS, DONE),  # published by then: back to it, with the reason
    "safety:own_rule": (Permission.SEE_SAFETY_RULES, PAGE),
    "safety:ask_for_change": (Permission.ASK_RULE_CHANGES, UNCLEAR),
    "safety:approve_change": (Permission.APPROVE_RULE_CHANGES, DONE),
    "safety:refuse_change": (Permission.REFUSE_RULE_CHANGES, {"POST": 409}),  # approved by then
    "safety:rule": (Permission.SEE_ESCALATIONS, PAGE),
    "calls:phone": (Permission.USE_TEST_PHONE, PAGE),
    "calls:phone_ring": (Permission.USE_TEST_PHONE, {"POST": 502}),  # no server answers at the port of these tests
    "calls:phone_say": (Permission.USE_TEST_PHONE, {"POST": 404}),  # this browser has no such call
    "calls:phone_hang_up": (Permission.USE_TEST_PHONE, {"POST": 404}),
    "notifications:list": (Permission.SEE_NOTIFICATIONS, PAGE),
    "notifications:bell": (Permission.SEE_NOTIFICATIONS, PAGE),
    "notifications:mark_all_read": (Permission.MARK_NOTIFICATIONS, DONE),
    "notifications:clear_read": (Permission.CLEAR_NOTIFICATIONS, DONE),
    "notifications:bring_back": (Permission.BRING_NOTIFICATIONS_BACK, DONE),
    "notifications:mark_read": (Permission.MARK_NOTIFICATIONS, DONE),
    "webhooks:list": (Permission.SEE_SETTINGS, PAGE),
    "webhooks:register": (Permission.REGISTER_WEBHOOKS, UNCLEAR),
    "webhooks:test": (Permission.TEST_WEBHOOKS, {"POST": 404}),  # the walk registers none
    "webhooks:switch_on": (Permission.SWITCH_WEBHOOKS_ON, {"POST": 404}),
    "webhooks:remove": (Permission.REMOVE_WEBHOOKS, {"POST": 404}),
    "notifications:settings": (Permission.SEE_NOTIFICATIONS, PAGE),
    "notifications:choose": (Permission.CHOOSE_MESSAGES, DONE),
    "notifications:ask_code": (Permission.CONFIRM_OWN_NUMBER, UNCLEAR),
    "notifications:prove": (Permission.CONFIRM_OWN_NUMBER, UNCLEAR),
    "notifications:set_messaging": (Permission.SET_MESSAGING, UNCLEAR),
    "notifications": (Permission.SEE_NOTIFICATIONS, API),
    "api-read_all_notifications": (Permission.MARK_NOTIFICATIONS, DEED),
    "api-read_notification": (Permission.MARK_NOTIFICATIONS, {"POST": 200, "OPTIONS": 200}),  # there is nothing to send
}
ON_BOTH = {f"people:{pattern.name}" for pattern in way_in}
WEBHOOKS = {name for name, methods in OPEN.items() if methods is WEBHOOK}

Played = Callable[[Clinic], dict[str, Any]]
Found = Callable[[Role], tuple[Any, Client]]


def ask(client: Client, method: str, path: str, **more: Any) -> HttpResponse:
    return getattr(client, method.lower())(path, **more)


def to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].partition("?")[0] == "/sign-in/"


def ours(route: Route) -> bool:
    return route.name in TABLE


# --- Strangers -----------------------------------------------------------------------------------------------------
def test_strangers_are_refused_everywhere_by_every_method(north: Clinic, calls_at: Played, patient: Patient) -> None:
    given = calls_at(north)
    client, faults = client_on(north), []
    client.raise_request_exception = False

    for route in routes(CLINIC):
        for path in {route.path(given), route.path()}:
            for method in METHODS:
                response = ask(client, method, path)
                allowed = REFUSALS | OPEN.get(route.name, {}).get(method, set())
                if response.status_code not in allowed and not to_sign_in(response):
                    faults.append((method, path, response.status_code))
                if found := hits(response.content, patient):
                    faults.append((method, path, found))

    assert faults == []


def test_strangers_are_refused_by_the_operators_admin(north: Clinic) -> None:
    client, faults = Client(HTTP_HOST="localhost", raise_request_exception=False), []

    for route in routes(PUBLIC):
        for method in METHODS:
            response = ask(client, method, route.path())
            allowed = REFUSALS | OPEN.get(route.name, {}).get(method, set())
            led = response.status_code == 302 and response["Location"].partition("?")[0] in ADMINS_DOOR
            if response.status_code not in allowed and not led:
                faults.append((method, route.path(), response.status_code))

    assert faults == []


def test_a_fragment_asked_for_by_a_stranger_sends_the_browser_to_sign_in(north: Clinic, calls_at: Played) -> None:
    given = calls_at(north)
    client, faults = client_on(north), []

    for route in filter(ours, routes(CLINIC)):
        response = client.get(route.path(given), HTTP_HX_REQUEST="true")
        if response.status_code == 204:
            assert response["HX-Redirect"].startswith("/sign-in/")
            assert response.content == b""
        elif response.status_code not in REFUSALS and route.name not in OPEN:
            faults.append((route.path(), response.status_code))

    assert faults == []


# --- People of the clinic --------------------------------------------------------------------------------------------
def test_every_address_has_its_line_in_the_table() -> None:
    walked = {route.name for route in routes(CLINIC)}

    assert walked - WEBHOOKS == set(TABLE)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_exactly_what_the_table_says(
    role: Role, north: Clinic, calls_at: Played, person_of: Found
) -> None:
    given = calls_at(north)
    user, client = person_of(role)
    mine = Notification.objects.create(clinic=north, person=user.pk, kind="task.opened", about=uuid4(), path="/tasks/")
    given |= {"notification_id": mine.pk}
    faults = []

    for route in sorted(filter(ours, routes(CLINIC)), key=lambda route: route.name == "people:sign_out"):
        right, answers = TABLE[route.name]
        for method in METHODS:
            permission = right[method not in ("GET", "HEAD", "OPTIONS")] if isinstance(right, Changed) else right
            may = permission is ANYONE or allows(role, permission)
            response = ask(client, method, route.path(given))
            expected = {answers.get(method, 405)} if may else {403, 405}
            if response.status_code not in expected:
                faults.append((method, route.name, response.status_code, expected))

    assert faults == []


@pytest.mark.parametrize("role", list(Role))
def test_webhooks_believe_nobody_for_being_signed_in(role: Role, north: Clinic, person_of: Found) -> None:
    _, client = person_of(role)
    form = {"content_type": "application/x-www-form-urlencoded", "data": "CallSid=CA" + "0" * 32}

    answers = {
        (method, route.name): ask(client, method, route.path(), **(form if method == "POST" else {})).status_code
        for route in routes(CLINIC)
        if route.name in WEBHOOKS
        for method in METHODS
    }

    assert {status for (method, _), status in answers.items() if method == "POST"} == {403}
    assert {status for (method, _), status in answers.items() if method != "POST"} == {405}


# --- The other clinic ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.STAFF, Role.DOCTOR, Role.ADMIN, Role.AUDITOR])
def test_the_other_clinics_ids_are_answered_like_ids_of_nothing(
    role: Role, south: Clinic, calls_at: Played, person_of: Found
) -> None:
    theirs = calls_at(south)
    _, client = person_of(role)
    compared, faults = 0, []

    for route in filter(ours, routes(CLINIC)):
        if not route.ids & set(theirs):
            continue
        form = {"version": "1", "verdict": "approved", "words": "x", "reason": "x", "outcome": "reached"}
        for method in METHODS:
            for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
                more = headers | ({"data": form} if method == "POST" else {})
                if method == "POST" and route.name.startswith("api-"):
                    more |= {"content_type": "application/json"}
                real = _blank(ask(client, method, route.path(theirs), **more), route.path(theirs))
                random = {part: uuid4() for part in route.ids}
                none = _blank(ask(client, method, route.path(random), **more), route.path(random))
                compared += 1
                if real != none or real[0] not in {403, 404, 405} | ({200} if method == "OPTIONS" else set()):
                    faults.append((method, route.name, real[0], none[0]))
                if real[0] == none[0] == 405:
                    break  # a method that no address of this kind has is none for fragments either

    assert compared > 100
    assert faults == []


def _blank(response: HttpResponse, path: str) -> tuple[int, str]:
    """The answer without what differs each time."""
    text = response.content.decode().replace(path, "")
    text = re.sub(r'("X-CSRFToken": "|name="csrfmiddlewaretoken" value=")\w+', "", text)
    return response.status_code, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)


def test_another_clinics_session_is_no_session_anywhere(
    north: Clinic, calls_at: Played, dave: Any, client_of: Callable[..., Client]
) -> None:
    given = calls_at(north)
    cookie = client_of(dave).cookies
    client, faults = client_on(north), []
    client.raise_request_exception = False

    for route in filter(ours, routes(CLINIC)):
        for method in METHODS:
            client.cookies = cookie
            response = ask(client, method, route.path(given))
            open_to_all = OPEN.get(route.name, {}).get(method, set())
            if response.status_code not in REFUSALS | open_to_all and not to_sign_in(response):
                faults.append((method, route.name, response.status_code))

    assert faults == []


# --- The wrong host --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("host", "urlconf"),
    [
        ("nobody.localhost", CLINIC), ("nobody.localhost", PUBLIC), ("127.0.0.1", CLINIC), ("public.localhost", CLINIC),
        ("localhost", CLINIC), ("north.localhost", PUBLIC),
    ],
)  # fmt: skip
def test_a_host_serves_its_own_addresses_and_no_others(host: str, urlconf: str, north: Clinic) -> None:
    client = Client(HTTP_HOST=host, raise_request_exception=False)

    answered = {
        (method, route.path()): status
        for route in routes(urlconf)
        if route.path() != "/" and route.name not in ON_BOTH  # each host has one of its own
        for method in METHODS
        if (status := ask(client, method, route.path()).status_code) != 404
    }

    assert answered == {}
