"""A call in a provider's voice: fixed sentences are spoken once and played, a caller's words only where one signed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from calls.house import house_of
from calls.models import Call, ProviderCall, Turn
from calls.speech import addresses, shelf, warming
from calls.speech.fixed import fixed_sentences
from clinics.models import Clinic, Warming
from clinics.practice.actions import publish_policy, set_fact
from clinics.practice.policies import policy_in_force
from clinics.remembered import forget_everything
from clinics.tenancy import inside
from tests.calls.network import Network
from tests.far_ends.days import wait_until
from tests.far_ends.speech import ElevenLabs, Google
from tests.product.canaries import EVERY_CALL, Patient, hits
from tests.providers.conftest import Enter, sign
from tests.speech.conftest import kinds, verbs

PATIENT = Patient()


def test_a_greeting_is_spoken_once_and_then_played(speaking: Clinic, google: Google, own_store: Path) -> None:
    network = Network(speaking)

    _, first = network.call()
    asked = len(google.asked)
    _, second = network.call()

    assert kinds(first.exchanges[0]) == kinds(second.exchanges[0]) == ["Play"] * asked
    assert len(google.asked) == asked > 3
    assert first.faults == second.faults == []  # what is played was fetched, as audio
    assert len(list(own_store.rglob("*.mp3"))) == asked


def test_after_a_restart_it_is_played_from_the_store(speaking: Clinic, google: Google) -> None:
    network = Network(speaking)
    network.call()
    asked = len(google.asked)
    forget_everything()
    _empty_redis()

    _, heard = network.call()

    assert set(kinds(heard.exchanges[0])) == {"Play"}
    assert len(google.asked) == asked


def _empty_redis() -> None:
    redis = shelf.sealed._redis()
    for key in redis.scan_iter("sealed:*:clip:*"):
        redis.delete(key)


def test_a_callers_words_are_said_by_the_network_where_nobody_signed(speaking: Clinic, google: Google) -> None:
    network = Network(speaking)

    for call in EVERY_CALL:
        call(network, PATIENT)

    assert len(google.asked) > 20
    assert hits(google.took(), PATIENT) == []


def test_with_an_agreement_they_are_spoken_by_who_signed_and_by_nobody_else(
    speaking: Clinic, enter: Enter, google: Google, elevenlabs: ElevenLabs, own_store: Path
) -> None:
    enter("elevenlabs", elevenlabs)
    sign(speaking, "google-speech")
    network = Network(speaking)
    line, _ = network.call(caller=PATIENT.caller)
    network.say(line, f"i need a refill of {PATIENT.medicine}")
    network.say(line, PATIENT.pharmacy)

    heard = network.say(line, f"{PATIENT.first} {PATIENT.last}")

    assert set(kinds(heard.exchanges[0])) == {"Play"}
    assert heard.faults == []
    assert PATIENT.last in hits(google.took(), PATIENT)
    assert hits(elevenlabs.took(), PATIENT) == []
    [(_, url)] = verbs(heard.exchanges[0])
    assert hits(url, PATIENT) == []
    answer = fetch(url)
    assert answer["Cache-Control"] == "private, no-store"
    stored = b"".join(path.read_bytes() for path in own_store.rglob("*.mp3"))
    assert answer.content not in stored


def test_the_clip_of_a_callers_words_is_sealed_and_ends(speaking: Clinic, google: Google) -> None:
    clip = shelf.passing_clip()
    with inside(speaking):
        shelf.lend(clip, b"\xff\xf3 heard marigold quorndale")
        forget_everything()
        redis = shelf.sealed._redis()
        [key] = list(redis.scan_iter(f"sealed:north:clip:{clip}"))

        assert b"marigold" not in redis.get(key)
        assert 0 < redis.ttl(key) <= addresses.PASSING_SECONDS
        assert shelf.read(clip) == b"\xff\xf3 heard marigold quorndale"


def test_a_clinic_without_providers_pays_nothing_for_them(north: Clinic, google: Google) -> None:
    network = Network(north)
    line, _ = network.call()
    with inside(north):
        assert Call.objects.get().voice == ""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        heard = network.say_once(line, "i need a refill of my lisinopril")

    assert kinds(heard.exchanges[0]) == ["Say"]
    assert [one["sql"] for one in queries if "provider" in one["sql"].lower() and "INSERT" not in one["sql"]] == []
    assert google.connections == 0
    with inside(north):
        assert not ProviderCall.objects.exists()


def test_the_call_keeps_whose_voice_it_was_and_what_was_asked(speaking: Clinic, google: Google) -> None:
    network = Network(speaking)
    line, _ = network.call()
    network.say(line, "i would like an appointment")

    with inside(speaking):
        call = Call.objects.get()
        wait_until(lambda: ProviderCall.objects.filter(n=1).exists())
        rows = list(ProviderCall.objects.filter(call_id=call.id))
    assert call.voice == "google-speech"
    assert {row.carries for row in rows} == {"fixed"}
    assert sum(row.units for row in rows) == sum(len(text) for text in google.spoken())
    assert {row.trouble for row in rows} == {""}


# --- The address -----------------------------------------------------------------------------------------------------
def fetch(url: str, client: Client | None = None, method: str = "get", **headers: str) -> Any:
    parts = urlsplit(url)
    named = {"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return getattr(client or Client(), method)(parts.path, headers=named)


@pytest.fixture
def played(speaking: Clinic) -> str:
    """The address of a fixed sentence."""
    _, heard = Network(speaking).call()
    return next(url for tag, url in verbs(heard.exchanges[0]) if tag == "Play")


def test_it_is_fetched_whole_in_part_and_by_its_mark(played: str) -> None:
    whole = fetch(played)
    assert (whole.status_code, whole["Content-Type"]) == (200, "audio/mpeg")
    assert re.fullmatch(r"public, max-age=\d{5,6}, immutable", whole["Cache-Control"])
    assert whole["Accept-Ranges"] == "bytes"
    length = len(whole.content)

    head = fetch(played, method="head")
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", str(length))
    assert fetch(played, If_None_Match=whole["ETag"]).status_code == 304
    for asked, span in {
        "bytes=0-9": (0, 9), "bytes=10-": (10, length - 1), "bytes=-5": (length - 5, length - 1),
        f"bytes=0-{length * 9}": (0, length - 1),
    }.items():  # fmt: skip
        part = fetch(played, Range=asked)
        assert part.status_code == 206, asked
        assert part.content == whole.content[span[0] : span[1] + 1]
        assert part["Content-Range"] == f"bytes {span[0]}-{span[1]}/{length}"
    for asked in (f"bytes={length}-", "bytes=-0"):
        refused = fetch(played, Range=asked)
        assert (refused.status_code, refused["Content-Range"]) == (416, f"bytes */{length}")
    for asked in ("bytes=5-2", "bytes=", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=a-b"):
        assert fetch(played, Range=asked).status_code == 200, asked
    assert fetch(played, Range="bytes=0-9", If_Range='"another"').status_code == 200
    assert fetch(played, method="post").status_code == 405


def test_nobody_guesses_one_and_each_ends(played: str, south: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    *beginning, clip, ends, signature = played.split("/")
    for wrong in (
        [*beginning, clip, ends, "A" * 24 + ".mp3"],
        [*beginning, clip, str(int(ends) + 1), signature],
        [*beginning, "0" * 40, ends, signature],
    ):
        assert fetch("/".join(wrong)).status_code == 404
    assert fetch(played.replace("north.", "south.")).status_code == 404
    assert len(signature) >= 22

    later = addresses.DAY * 3
    real = addresses.holds
    monkeypatch.setattr(
        "calls.speech.views.addresses.holds", lambda *args, now, **more: real(*args, now=now + later, **more)
    )
    assert fetch(played).status_code == 404


def test_a_fixed_sentence_keeps_its_address_for_a_day(speaking: Clinic) -> None:
    network = Network(speaking)

    first, second = (verbs(network.call()[1].exchanges[0]) for _ in range(2))

    assert first == second


# --- Warming ---------------------------------------------------------------------------------------------------------
def test_publishing_has_the_fixed_sentences_spoken_by_a_worker(speaking: Clinic, google: Google) -> None:
    assert google.asked == []  # publishing itself asks nobody
    assert Warming.objects.get().warmed_at is None

    assert warming.warm_where_wanted() == 1

    with inside(speaking):
        policy = policy_in_force()
        fixed = fixed_sentences(house_of(policy, policy.local(Warming.objects.get().wanted_at)))
    assert sorted(google.spoken()) == sorted(text for _, text in fixed)
    asked = len(google.asked)
    _, heard = Network(speaking).call()
    assert set(kinds(heard.exchanges[0])) == {"Play"}
    assert len(google.asked) == asked
    assert warming.warm_where_wanted() == 0


def test_a_new_fact_is_spoken_ahead_and_nothing_else_again(speaking: Clinic, google: Google) -> None:
    warming.warm_where_wanted()
    asked = len(google.asked)

    with inside(speaking):
        set_fact(by=None, topic="parking", language="en", text="You can park in the garage next door.")
    warming.warm_where_wanted()

    assert google.spoken()[asked:] == ["You can park in the garage next door."]


def test_a_clinic_with_the_networks_voice_asks_for_no_warming(north: Clinic, transactional_db: None) -> None:
    with inside(north):
        publish_policy(by=None, changes={"greeting_en": "Welcome to the north side."})

    assert not Warming.objects.exists()


def test_no_fixed_sentence_has_a_place_for_anybodys_words(north: Clinic) -> None:
    with inside(north):
        policy = policy_in_force()
        fixed = fixed_sentences(house_of(policy, policy.local(policy_time())))
        said = {(turn.language, turn.said) for turn in Turn.objects.all()}

    assert len(fixed) > 150
    assert not [text for _, text in fixed if "{" in text]
    assert said <= fixed
    assert ("en", "How can I help you today?") in fixed
    assert ("en", "You can park behind the house.") in fixed
    assert not [text for _, text in fixed if "I heard" in text or "called about" in text]


def policy_time() -> Any:
    from django.utils import timezone

    return timezone.now()
