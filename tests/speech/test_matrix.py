"""Whatever fails outside, and however: the caller hears speech in time, and the call ends in a state that is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from calls.dialogue import waiting
from calls.dialogue.safety import rules_version
from calls.models import Call, ProviderCall, Turn
from calls.reasoning import asking
from calls.speech import shelf, voicing
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.actions import publish_policy, set_hours
from clinics.practice.hours import Week
from clinics.practice.policies import forget
from clinics.providers import breakers
from clinics.providers.policy import OPENS_AFTER
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from cliniqai.providers import Bucket as Named
from escalations.models import Escalation
from notifications import network as telephone_network
from notifications.models import Preference, ProvenPhone
from notifications.numbers import digest
from tasks.models import Task
from tests.calls.network import Network
from tests.far_ends.bucket import Bucket
from tests.far_ends.days import BAD, Day, FarEnd, nobody, open_to_all
from tests.far_ends.models import Anthropic, Model, OpenAI, report
from tests.far_ends.speech import Google
from tests.providers.conftest import Enter, sign
from tests.speech.conftest import _look_again, kinds, verbs

IN_TIME_MS = 3000
WAITS = asking.PATIENCE_SECONDS, asking.BUDGET_SECONDS, voicing.BUDGET_SECONDS + shelf.STORE_SECONDS
"""The limits as they are outside of tests."""

DEFINED = {"task", "answered", "escalated", "handed_over", "abandoned", "nothing"}
APPOINTMENT = (
    "i would like an appointment", "my knee hurts a little", "tuesday morning", "maria alvarez", "yes",
    "march fourth nineteen eighty two", "yes", "yes", "no that is all",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _rules_are_compiled() -> None:
    """As in a web process before its first caller; on a slow machine that alone takes longer than an answer may."""
    rules_version()


def play(network: Network, *said: str) -> list[str]:
    """A whole call: each answer speaks, in time. Returns how each answer was spoken."""
    line, heard = network.call()
    steps = [heard]
    for words in said:
        if line.over:
            break
        steps.append(network.say(line, words))
        if network.keys_of(line) == [waiting.SAYS]:
            steps.append(network.stay_silent(line))
            assert network.keys_of(line) != [waiting.SAYS]
    if not line.over:
        network.hang_up(line)
    spoken = []
    for step in steps:
        answer = step.exchanges[0]
        assert step.faults == []
        assert answer.took_ms < IN_TIME_MS
        assert verbs(answer), answer.twiml
        spoken += kinds(answer)
    with inside(network.clinic):
        assert Call.objects.get(sid=line.sid).outcome in DEFINED
    return spoken


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, shorter."""
    monkeypatch.setattr(voicing, "BUDGET_SECONDS", 0.25)
    monkeypatch.setattr(shelf, "STORE_SECONDS", 0.15)
    for name in ("CONNECT_SECONDS", "READ_SECONDS", "DEADLINE_SECONDS"):
        monkeypatch.setattr(telephone_network, name, 0.2)


@pytest.mark.parametrize("day", [*BAD, Day.DRIP, Day.ENDLESS, Day.ELSEWHERE])
def test_a_voice_that_fails(speaking: Clinic, enter: Enter, google: Google, day: Day) -> None:
    enter("google-speech", nobody() if day is Day.REFUSE else google, connect_ms=100, answer_ms=150)
    sign(speaking, "google-speech")
    google.day, google.elsewhere = day, nobody()

    assert set(play(Network(speaking), "i would like an appointment", "my knee hurts")) == {"Say"}

    with inside(speaking):
        assert "" not in set(ProviderCall.objects.values_list("trouble", flat=True))


def test_a_voice_that_goes_on_failing_is_left_alone(speaking: Clinic, google: Google) -> None:
    google.day = Day.FAILED
    network = Network(speaking)
    for _ in range(OPENS_AFTER):
        play(network)
    asked = len(google.asked)

    play(network)

    assert len(google.asked) == asked
    assert not breakers.standing("google-speech").closed


# --- A model ---------------------------------------------------------------------------------------------------------
RIDDLE = "well it is about those little pink fellows of mine you see"
MODELS = {"anthropic": Anthropic, "openai": OpenAI}


@pytest.fixture
def helped(transactional_db: None) -> Clinic:
    """A clinic that lets a model help, in a process that has read their libraries."""
    asking.libraries()
    north = Clinic.objects.get(slug="north")
    with inside(north):
        publish_policy(by=None, changes={"model_helps": True})
        forget()
    return north


@pytest.fixture
def thinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits of a model, shorter."""
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(asking, "BUDGET_SECONDS", 0.6)
    monkeypatch.setattr(waiting, "BUDGET", timedelta(seconds=0.6))


@pytest.mark.parametrize("day", BAD)
@pytest.mark.parametrize("protocol", sorted(MODELS))
def test_a_model_that_fails(helped: Clinic, thinking: None, enter: Enter, protocol: str, day: Day) -> None:
    far: Model = MODELS[protocol](day=day, says=report(intent="refill", confidence=0.9))
    with open_to_all(far):
        enter(protocol, nobody() if day is Day.REFUSE else far, connect_ms=100, answer_ms=500, model="a-model")
        sign(helped, protocol)
        forget_everything()
        network = Network(helped)

        play(network, RIDDLE, "i need an appointment", "my knee hurts")

    with inside(helped):
        turns = Turn.objects.filter(call=Call.objects.get())
        assert {turn.understood_by for turn in turns} == {""}
        assert "sorry.unclear" in {sentence["key"] for turn in turns for sentence in turn.reply["say"]}
        assert Call.objects.get().intent == "appointment"
    assert far.connections or day is Day.REFUSE


def test_all_that_a_caller_waits_for_in_one_turn_ends_before_three_seconds() -> None:
    """The moment before "one moment", and then what is left for a model, each with a voice."""
    before, whole, voice = WAITS

    assert before < 1
    assert max(before, whole - before) + voice < IN_TIME_MS / 1000
    assert waiting.BUDGET.total_seconds() == whole


# --- The store -------------------------------------------------------------------------------------------------------
@pytest.fixture
def bucket(settings: Any) -> Iterator[Bucket]:
    """Files are kept in an S3-compatible store."""
    with open_to_all(Bucket()) as far:
        settings.BUCKET = Named("voices", far.url, "us-east-1", "key", "secret")
        settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "cliniqai.stores.SharedFiles"}}
        _look_again()
        _ = default_storage.connection  # as `cliniqai.warm` makes it when a process starts
        yield far


def test_a_store_that_works_is_shared_by_every_process(speaking: Clinic, google: Google, bucket: Bucket) -> None:
    network = Network(speaking)
    play(network)
    asked = len(google.asked)
    _restart()

    assert set(play(network)) == {"Play"}
    assert len(google.asked) == asked == len(bucket.objects)
    assert all(path.startswith("/voices/speech/") for path in bucket.objects)


@pytest.mark.parametrize("day", BAD)
def test_a_store_that_fails(speaking: Clinic, google: Google, bucket: Bucket, settings: Any, day: Day) -> None:
    network = Network(speaking)
    play(network)
    _restart()
    bucket.day = day
    if day is Day.REFUSE:
        settings.BUCKET = Named("voices", nobody(), "us-east-1", "key", "secret")
        _look_again()
        _ = default_storage.connection
    google.day = Day.FAILED

    assert set(play(network, "i would like an appointment")) <= {"Say", "Play"}


def _restart() -> None:
    """A process that has just begun, and a Redis that has just been emptied."""
    forget_everything()
    redis = shelf.sealed._redis()
    for key in redis.scan_iter("sealed:*:clip:*"):
        redis.delete(key)


# --- Messages --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("day", BAD)
def test_messages_that_do_not_leave(north: Clinic, transactional_db: None, settings: Any, day: Day) -> None:
    with open_to_all(FarEnd(day=day)) as far:
        settings.SMS_MODE = "on"
        settings.TWILIO_API_BASE_URL = nobody() if day is Day.REFUSE else far.url
        _wants_texts(north, "alice")
        Clinic.objects.filter(pk=north.pk).update(async_delivery=False)  # the request's own process delivers
        forget_everything()

        play(Network(north), "i can't breathe and my chest hurts")

    with inside(north):
        assert Escalation.objects.get().level == "emergency"


def _wants_texts(clinic: Clinic, short: str) -> None:
    with inside(clinic):
        person = User.objects.get(email=f"{short}@{clinic.slug}.test")
        person.phone = "+12025550161"
        person.save(update_fields=["phone"])
    now = timezone.now()
    proof = {"clinic": clinic, "person": person.pk, "digest": digest(clinic, person.phone)}
    ProvenPhone.objects.create(**proof, asked_at=now, proven_at=now)
    Preference.objects.create(clinic=clinic, person=person.pk, kind="escalation.raised", channel="sms")


# --- Everything ------------------------------------------------------------------------------------------------------
@pytest.fixture
def cut_off(speaking: Clinic, enter: Enter, bucket: Bucket, settings: Any) -> Network:
    """Nobody outside answers: no voice, no model, no store, no messages."""
    asking.libraries()
    for key in ("google-speech", *MODELS):
        enter(key, nobody(), connect_ms=100, answer_ms=150)
        sign(speaking, key)
    with inside(speaking):
        publish_policy(by=None, changes={"model_helps": True})
    forget_everything()
    settings.BUCKET = Named("voices", nobody(), "us-east-1", "key", "secret")
    settings.SMS_MODE, settings.TWILIO_API_BASE_URL = "on", nobody()
    _look_again()
    _ = default_storage.connection
    _restart()
    return Network(speaking)


def test_an_emergency_still_alarms(cut_off: Network) -> None:
    play(cut_off, "my husband has chest pain and he is sweating")

    with inside(cut_off.clinic):
        assert Escalation.objects.get().level == "emergency"


def test_a_person_is_still_reached(cut_off: Network) -> None:
    line, _ = cut_off.call()

    heard = cut_off.press(line, "0")

    assert "<Dial" in heard.exchanges[0].twiml


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (APPOINTMENT, "appointment"),
        (("please have someone call me back", "about my bill", "maria alvarez", "yes", "yes", "no"), "callback"),
        (("i have a question about my bill", "why was i charged twice", "john smith", "yes", "yes", "no"), "billing"),
    ],
)
def test_a_request_is_still_taken(cut_off: Network, said: tuple[str, ...], kind: str) -> None:
    play(cut_off, *said)

    with inside(cut_off.clinic):
        assert [task.kind for task in Task.objects.all()] == [kind]
        assert Call.objects.get().outcome == "task"


def test_what_only_a_model_could_have_understood_is_asked_again(cut_off: Network) -> None:
    line, _ = cut_off.call()
    cut_off.say(line, RIDDLE)
    while cut_off.keys_of(line) == [waiting.SAYS]:
        cut_off.stay_silent(line)

    assert "sorry.unclear" in cut_off.keys_of(line)


def test_a_message_is_still_kept(cut_off: Network) -> None:
    with inside(cut_off.clinic):
        publish_policy(by=None, changes={"answers": "off"})
        set_hours(by=None, week=Week())
    forget_everything()
    line, heard = cut_off.call()
    assert "<Record" in heard.exchanges[0].twiml

    cut_off.leave_message(line, seconds=23)

    with inside(cut_off.clinic):
        assert "Voicemail, 23 seconds" in Task.objects.get().summary
        assert Call.objects.get().outcome == "task"
