"""The table of announcements, walked row by row, and the pure rules that read it."""

from __future__ import annotations

import re
import uuid

import pytest

from clinics.people.roles import Permission, Role, allows
from notifications import delivery
from notifications.kinds import TABLE, Kind, Lane, title
from notifications.policy import BACKOFF_SECONDS, Next, Outcome, Result, after, backoff
from notifications.routing import CHANNELS, OUTSIDE, PING, Policy, channels_of, plan
from notifications.stream import KIND
from notifications.wording import call, letter, text_for_staff

ALICE, BOB = uuid.uuid4(), uuid.uuid4()


@pytest.mark.parametrize("name", TABLE)
def test_every_kind_is_complete(name):
    kind = TABLE[name]
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", name)
    assert re.fullmatch(KIND, name)
    assert len(name) <= 60
    assert isinstance(kind.lane, Lane)
    assert kind.channels or name == PING  # which goes to the webhook that is tested
    assert set(kind.channels) <= set(CHANNELS)
    assert len(kind.channels) == len(set(kind.channels))
    assert 1 <= kind.expires_after_minutes <= 30 * 24 * 60
    assert kind.roles <= set(Role) - {Role.OPERATOR}


@pytest.mark.parametrize("name", TABLE)
def test_every_title_is_neutral_and_short_in_both_languages(name):
    assert set(TABLE[name].title) == {"en", "es"}
    for words in TABLE[name].title.values():
        assert 3 <= len(words) <= 60
        assert not re.search(r"[{}%$\d@+]", words), "a title takes no values: they could be a patient's"


@pytest.mark.parametrize("name", TABLE)
def test_whoever_hears_a_kind_may_see_notifications(name):
    assert all(allows(role, Permission.SEE_NOTIFICATIONS) for role in TABLE[name].roles)


@pytest.mark.parametrize("name", TABLE)
def test_every_kind_has_a_road_that_ends_at_a_channel(name):
    for planned in plan(TABLE[name], people=[ALICE]):
        assert planned.channel in {**delivery.WRITERS, **delivery.SENDERS}
        assert (planned.channel in delivery.WRITERS) == (planned.policy is Policy.IN_DB)
        assert (planned.person is None) != CHANNELS[planned.channel].to_people
        assert 1 <= planned.lives_minutes <= TABLE[name].expires_after_minutes


@pytest.mark.parametrize(
    "name", [name for name in TABLE if name.startswith("escalation.") and name != "escalation.attention"]
)
def test_what_may_be_an_emergency_takes_the_urgent_lane(name):
    assert TABLE[name].lane is Lane.URGENT


def test_everyone_hears_of_an_emergency():
    assert TABLE["escalation.raised"].roles == {Role.STAFF, Role.DOCTOR, Role.ADMIN}


def test_a_kind_of_another_release_has_a_title_all_the_same():
    assert title("task.of_tomorrow") == "Notification"
    assert title("task.opened", "es") == "Nueva tarea"
    assert title("task.opened", "fr") == "New task"


def test_each_person_hears_once_and_the_clinics_stream_once():
    planned = plan(TABLE["task.opened"], people=[ALICE, BOB, ALICE])
    assert [(one.person, one.channel) for one in planned] == [(ALICE, "inbox"), (BOB, "inbox"), (None, "browser")]


def test_nobody_to_hear_still_tells_the_stream():
    assert [one.channel for one in plan(TABLE["task.opened"], people=[])] == ["browser"]


def test_a_channels_life_caps_the_kinds():
    kind = Kind(frozenset(), ("inbox", "browser"), Lane.NORMAL, 60, {"en": "x", "es": "x"})
    assert {one.channel: one.lives_minutes for one in plan(kind, people=[ALICE])} == {"inbox": 60, "browser": 2}


@pytest.mark.parametrize(("attempt", "seconds"), [*enumerate(BACKOFF_SECONDS, start=1), (8, 18000), (99, 18000)])
def test_the_backoff_is_the_table_spread_by_a_fifth(attempt, seconds):
    assert backoff(attempt, chance=0.0) == pytest.approx(seconds * 0.8)
    assert backoff(attempt, chance=0.5) == pytest.approx(seconds)
    assert backoff(attempt, chance=1.0) == pytest.approx(seconds * 1.2)


@pytest.mark.parametrize(
    ("result", "attempts", "follows"),
    [
        (Result.SENT, 1, Next("sent")),
        (Result.REFUSED, 1, Next("dead")),
        (Result.UNKNOWN, 1, Next("unknown", 120.0)),
        (Result.RETRY, 1, Next("pending", 5.0)),
        (Result.RETRY, 7, Next("pending", 18000.0)),
        (Result.RETRY, 8, Next("dead")),
    ],
)
def test_what_follows_a_try(result, attempts, follows):
    assert after(Outcome(result), attempts=attempts, max_attempts=8, chance=0.5) == follows


def test_every_result_has_a_consequence():
    for result in Result:
        assert after(Outcome(result), attempts=1, max_attempts=8, chance=0.5).state


# --- What leaves the portal ------------------------------------------------------------------------------------------
LEAVING = {name: kind for name, kind in TABLE.items() if set(OUTSIDE) & {*channels_of(kind)} or kind.patient}
LINK = "https://a-clinic-with-a-long-name.example.org/escalations/00000000-0000-4000-8000-000000000000/"
CLINIC = "The Clinic"


@pytest.mark.parametrize("name", LEAVING)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_leaves_names_the_clinic_and_the_kind_and_nothing_else(name, lang):
    kind = TABLE[name]
    text = text_for_staff(kind, lang=lang, clinic=CLINIC, link=LINK)
    mail = letter(kind, lang=lang, clinic=CLINIC, link=LINK)
    assert text == f"{CLINIC}: {kind.title[lang]}. {'Sign in' if lang == 'en' else 'Inicie sesión'}: {LINK}"
    assert len(text_for_staff(kind, lang=lang, clinic="x" * 500, link=LINK)) <= 306, "two segments at most"
    assert mail.subject == f"{CLINIC}: {kind.title[lang]}"
    assert "\n" not in mail.subject
    assert mail.body.count("http") == 1
    for words in (text, mail.subject, mail.body):
        assert not re.search(r"{|}|\+\d|None", words)


@pytest.mark.parametrize("name", [name for name, kind in TABLE.items() if "voice" in channels_of(kind)])
def test_whatever_is_rung_has_a_sentence_to_say_in_both_languages(name):
    assert set(TABLE[name].spoken) == {"en", "es"}
    for lang in ("en", "es"):
        said = call(TABLE[name], lang=lang, clinic=CLINIC)
        assert CLINIC in said
        assert not re.search(r"[{}%\d@+]", said)
        assert len(said) * 3 < 3000, "what one Say may hold"


@pytest.mark.parametrize("name", LEAVING)
def test_an_urgent_kind_is_sent_again_when_unknown_and_every_other_one_is_asked_about_first(name):
    kind = TABLE[name]
    for planned in plan(kind, people=[ALICE], only=[one for one in channels_of(kind) if one == "sms"]):
        assert (planned.policy is Policy.AT_LEAST_ONCE) == kind.urgent
        assert planned.lane == (Lane.URGENT if kind.urgent else Lane.BULK)
    for planned in plan(kind, people=[], patient=True):
        if planned.channel == "patient":
            assert (planned.policy, planned.lane, planned.person) == (Policy.RECONCILE, Lane.BULK, None)
            assert planned.waits_seconds == 120


def test_an_offered_channel_reaches_who_chose_it_and_one_asked_for_reaches_all():
    kind = TABLE["task.opened"]
    chosen = plan(kind, people=[ALICE, BOB], wanted={(BOB, "sms")})
    assert [(one.person, one.channel) for one in chosen if one.channel in OUTSIDE] == [(BOB, "sms")]
    asked = plan(kind, people=[ALICE, BOB], only=["sms"], wanted={(BOB, "email")}, patient=True)
    assert [(one.person, one.channel) for one in asked] == [(ALICE, "sms"), (BOB, "sms")]
