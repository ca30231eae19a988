"""What a test of two voices shows, when it ends by itself, and when a clinic should move."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call, ProviderCall
from calls.speech import results, testing
from calls.speech.results import Arm, Heard, arm_of, difference, must_stop, share, verdict
from clinics.models import Clinic, VoiceTest
from clinics.people.models import User
from clinics.providers.models import Stopped
from clinics.tenancy import inside
from tests.calls.network import Network
from tests.far_ends.speech import ElevenLabs
from tests.providers.conftest import Enter, sign


def arm(calls: int, *, completed: int = 0, early: int = 0, escalated: int = 0, cost: float | None = 0.01) -> Arm:
    def heard(n: int) -> Heard:
        outcome = "escalated" if n < escalated else "task" if n < completed else "abandoned"
        return Heard("v", outcome, n >= calls - early, 20 if n >= calls - early else 120, n % 3, 8, n % 2, cost)

    return arm_of("v", [heard(n) for n in range(calls)])


def test_a_share_has_wilsons_interval() -> None:
    found = share(8, 10)

    assert found is not None
    assert (round(found.low, 3), round(found.high, 3)) == (0.490, 0.943)
    assert share(0, 0) is None


def test_a_difference_has_newcombes_interval() -> None:
    """The worked example of the paper: 56 of 70 against 48 of 80, method 10."""
    found = difference((48, 80), (56, 70))

    assert found is not None
    assert [round(value, 4) for value in (found.point, found.low, found.high)] == [0.2, 0.0524, 0.3339]


def test_a_mean_is_shown_the_same_twice() -> None:
    values = [float(n) for n in range(50)]

    found = results.mean(values)

    assert found == results.mean(values)
    assert found is not None
    assert 20 < found.low < found.point == 24.5 < found.high < 29
    assert results.mean([]) is None


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (arm(200, completed=150), arm(200, completed=150), ""),
        (arm(200, early=10), arm(200, early=14), ""),
        (arm(200, early=10), arm(200, early=40), "hang_ups"),
        (arm(200, escalated=10, completed=150), arm(200, escalated=40, completed=150), "findings"),
        (arm(200, early=10), arm(29, early=29), ""),
        (arm(200, early=40), arm(200, early=10), ""),
    ],
)
def test_it_must_stop_where_the_new_voice_is_surely_worse(before: Arm, after: Arm, why: str) -> None:
    assert must_stop(before, after) == why


LIFT = arm(400, completed=240), arm(400, completed=300)


@pytest.mark.parametrize(
    ("arms", "agreed", "worth", "unmet"),
    [
        (LIFT, True, 2.0, []),
        (LIFT, False, 2.0, ["A signed agreement"]),
        ((LIFT[0], arm(400, completed=300, cost=0.5)), True, 2.0, ["A justified cost"]),
        ((LIFT[0], arm(400, completed=300, cost=None)), True, 2.0, ["A justified cost"]),
        ((arm(400, completed=240), arm(400, completed=250)), True, 2.0, ["A clear lift"]),
        ((arm(20, completed=1), arm(20, completed=19)), True, 2.0, ["Enough calls"]),
        ((arm(0), arm(0)), False, 0.0, ["Enough calls", "A clear lift", "A justified cost", "A signed agreement"]),
    ],
)
def test_a_clinic_moves_only_on_lift_cost_and_agreement(
    arms: tuple[Arm, Arm], agreed: bool, worth: float, unmet: list[str]
) -> None:
    found = verdict(*arms, agreed=agreed, worth=worth)

    missing = [sentence for sentence, met in found.conditions if not met]
    assert found.move is (not unmet)
    assert len(missing) == len(unmet)
    assert all(sentence.startswith(beginning) for sentence, beginning in zip(missing, unmet, strict=True))


# --- With calls ------------------------------------------------------------------------------------------------------
@pytest.fixture
def two(speaking: Clinic, enter: Enter, elevenlabs: ElevenLabs) -> Clinic:
    enter("google-speech", str(_google(speaking)), price=16, price_unit="characters")
    enter("elevenlabs", elevenlabs, price=100, price_unit="characters")
    return speaking


def _google(_: Clinic) -> str:
    from clinics.models import Provider

    return Provider.objects.get(key="google-speech").base_url


def begun(clinic: Clinic, by: User, percent: int = 50) -> VoiceTest:
    with inside(clinic):
        return testing.start_test(by=by, clinic=clinic, challenger="elevenlabs", percent=percent, worth=2)


def test_a_caller_hears_the_same_voice_each_time(two: Clinic, carol: User, elevenlabs: ElevenLabs) -> None:
    begun(two, carol)
    network = Network(two)
    callers = [f"+1202555{n:04d}" for n in range(100, 116)]
    for caller in [*callers, *callers]:
        network.call(caller=caller)

    with inside(two):
        heard: dict[str, set[str]] = {}
        for call in Call.objects.all():
            heard.setdefault(call.from_number, set()).add(call.voice)
    assert all(len(voices) == 1 for voices in heard.values())
    assert set.union(*heard.values()) == {"google-speech", "elevenlabs"}
    assert elevenlabs.spoken()


def test_a_share_of_callers_is_given_the_new_voice(two: Clinic, carol: User) -> None:
    test = begun(two, carol, percent=20)

    with inside(two):
        given = [testing.assigned(test, f"+1202555{n:04d}") for n in range(2000)]

    assert 330 < given.count("elevenlabs") < 470
    with inside(two):
        assert testing.assigned(test, "") == "google-speech"


def test_the_new_voice_gets_fixed_sentences_only(two: Clinic, carol: User, elevenlabs: ElevenLabs) -> None:
    sign(two, "google-speech")
    begun(two, carol)
    network = Network(two)
    caller = next(n for n in (f"+1202555{n:04d}" for n in range(200)) if _voice(two, n) == "elevenlabs")
    line, _ = network.call(caller=caller)
    for words in ("please have someone call me back", "about flugelhorn lessons"):
        network.say(line, words)

    network.say(line, "marigold quorndale")

    said = " ".join(elevenlabs.spoken()).lower()
    assert "how can i help" in said
    assert "marigold" not in said


def _voice(clinic: Clinic, caller: str) -> str:
    with inside(clinic):
        return testing.assigned(VoiceTest.objects.get(), caller)


def test_it_ends_by_itself_and_says_why(two: Clinic, carol: User) -> None:
    test = begun(two, carol)
    with inside(two):
        _calls("google-speech", 60, early=2)
        _calls("elevenlabs", 60, early=30)

    assert testing.watch() == 1
    test.refresh_from_db()
    assert (test.why, test.stopped_by) == (Stopped.HANG_UPS, None)
    assert testing.watch() == 0
    with inside(two):
        assert testing.running_test(two) is None


def _calls(voice: str, number: int, *, early: int = 0) -> None:
    now = timezone.now()
    rows = [
        Call(
            sid=f"CA{uuid.uuid4().hex}", voice=voice, status="completed", ended_at=now,
            outcome="abandoned" if n < early else "task", end_reason="caller_completed",
            duration_sec=10 if n < early else 100,
        )
        for n in range(number)
    ]  # fmt: skip
    for row in rows:
        row.save()
    ProviderCall.objects.bulk_create(
        ProviderCall(call_id=row.id, n=0, provider=voice, capability="speech", carries="fixed", units=1000)
        for row in rows
    )


def test_its_page_shows_both_sides_and_the_verdict(
    two: Clinic, carol: User, client_of: Any, elevenlabs: ElevenLabs
) -> None:
    page: Client = client_of(carol)
    assert (
        page.post("/settings/voice/tests/", {"challenger": "nobody", "percent": "90", "worth": ""}).status_code == 422
    )
    answer = page.post("/settings/voice/tests/", {"challenger": "elevenlabs", "percent": "20", "worth": "2"})
    assert answer.status_code == 302
    again = page.post("/settings/voice/tests/", {"challenger": "elevenlabs", "percent": "20", "worth": "2"})
    assert "running already" in again.content.decode()
    with inside(two):
        _calls("google-speech", 40)
        _calls("elevenlabs", 40)

    shown = page.get("/settings/voice/").content.decode()

    assert "Stay with google-speech" in shown
    assert "Not met: A clear lift" in shown
    assert "$0.0160" in shown
    assert "$0.1000" in shown
    assert page.post("/settings/voice/tests/stop/").status_code == 302
    assert VoiceTest.objects.get().why == Stopped.PERSON
