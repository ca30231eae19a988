"""Patient data reaches only who signed for it, and nothing leaves for a host that is not in the table.

All of it is looked at where it would arrive: at the sockets of far ends on loopback.
"""

from __future__ import annotations

import ast
import re

import pytest
import requests
from django.db import transaction
from django.db.transaction import TransactionManagementError

from calls.speech import elevenlabs as eleven
from calls.speech import google as goog
from clinics.models import Clinic
from clinics.providers import door
from clinics.providers.addresses import origin, wrong_address
from clinics.providers.asking import TOO_LATE, ask
from clinics.providers.gate import Carries, NotAllowed, may_carry, passage, passages
from clinics.providers.models import Capability
from tests.far_ends.days import Day, FarEnd, open_to_all
from tests.far_ends.speech import ElevenLabs, Google, sound_of
from tests.product.canaries import Patient, hits
from tests.product.test_sources import MODULES, ROOT
from tests.providers.conftest import Enter, sign

PATIENT = Patient()
CANARIES = f"I heard {PATIENT.first} {PATIENT.last}, born {PATIENT.born_said}, who takes {PATIENT.medicine}."
FIXED = "How can I help you today?"


def said(clinic: Clinic, text: str, carries: Carries) -> list[str]:
    """What the road does with a sentence: everybody who may is asked. Returns who answered."""
    answered = []
    for way in passages(clinic, Capability.SPEECH, carries):
        speak = goog.speak if way.provider.protocol == "google_speech" else eleven.speak
        voice = way.provider.voice("en")
        answer = ask(way, lambda: speak(way.provider, text, lang="en", voice=voice))  # noqa: B023 (asked at once)
        assert answer.value == sound_of(text, voice), answer.trouble
        answered.append(way.provider.key)
    return answered


def test_patient_data_reaches_only_who_this_clinic_signed_with(
    north: Clinic, enter: Enter, google: Google, elevenlabs: ElevenLabs
) -> None:
    enter("google-speech", google)
    enter("elevenlabs", elevenlabs)
    sign(north, "google-speech")

    assert said(north, FIXED, Carries.FIXED) == ["google-speech", "elevenlabs"]
    assert said(north, CANARIES, Carries.PATIENT) == ["google-speech"]

    assert hits(elevenlabs.took(), PATIENT) == []
    assert set(hits(google.took(), PATIENT)) >= {PATIENT.first, PATIENT.last, PATIENT.medicine}
    assert elevenlabs.spoken() == [FIXED]


def test_another_clinics_signature_counts_for_nothing(
    north: Clinic, south: Clinic, enter: Enter, google: Google
) -> None:
    provider = enter("google-speech", google)
    sign(south, "google-speech")

    assert may_carry(south, provider, Carries.PATIENT)
    assert passages(north, Capability.SPEECH, Carries.PATIENT) == []
    with pytest.raises(NotAllowed, match="no business associate agreement"):
        passage(north, provider, Carries.PATIENT)
    assert google.connections == 0


@pytest.mark.parametrize(
    ("since", "until", "holds"), [(0, None, True), (-1, None, False), (30, 0, True), (30, -1, False), (1, 365, True)]
)
def test_an_agreement_holds_from_its_first_day_to_its_last(
    north: Clinic, enter: Enter, google: Google, since: int, until: int | None, holds: bool
) -> None:
    provider = enter("google-speech", google)
    sign(north, "google-speech", since=since, until=until)

    assert may_carry(north, provider, Carries.PATIENT) is holds
    assert may_carry(north, provider, Carries.FIXED)


def test_a_provider_that_is_switched_off_is_asked_nothing(north: Clinic, enter: Enter, google: Google) -> None:
    sign(north, "google-speech")
    enter("google-speech", google)
    assert passages(north, Capability.SPEECH, Carries.PATIENT)

    with pytest.raises(StopIteration):
        enter("google-speech", google, active=False)

    assert passages(north, Capability.SPEECH, Carries.FIXED) == []


# --- The door --------------------------------------------------------------------------------------------------------
def test_nothing_leaves_without_a_passage(enter: Enter, google: Google) -> None:
    provider = enter("google-speech", google)

    with pytest.raises(NotAllowed, match="no passage"):
        goog.speak(provider, FIXED, lang="en", voice="en-US-Neural2-F")
    with pytest.raises(NotAllowed, match="no passage"):
        door.httpx_client(provider).post(google.url)
    assert google.connections == 0


def test_a_passage_to_one_is_none_to_another(
    north: Clinic, enter: Enter, google: Google, elevenlabs: ElevenLabs
) -> None:
    ours, other = enter("google-speech", google), enter("elevenlabs", elevenlabs)

    with door.through(passage(north, ours, Carries.FIXED)), pytest.raises(NotAllowed, match="no passage"):
        eleven.speak(other, FIXED, lang="en", voice="v-en")
    assert elevenlabs.connections == 0


@pytest.mark.parametrize("client", ["requests", "httpx"])
def test_no_request_leaves_for_a_host_that_is_not_the_rows(
    north: Clinic, enter: Enter, google: Google, client: str
) -> None:
    provider = enter("google-speech", google)
    with open_to_all(FarEnd()) as stranger:
        elsewhere = [stranger.url, google.url.replace("127.0.0.1", "localhost"), f"https://127.0.0.1:{google.port}"]
        with door.through(passage(north, provider, Carries.FIXED)):
            for url in [*elsewhere, f"{google.url}@127.0.0.1:{stranger.port}/", "ftp://127.0.0.1/"]:
                post = door.session(provider).post if client == "requests" else door.httpx_client(provider).post
                with pytest.raises((NotAllowed, requests.exceptions.InvalidSchema)):
                    post(url, data=CANARIES)
        assert stranger.connections == google.connections == 0


def test_a_redirect_leads_nowhere(north: Clinic, enter: Enter, google: Google) -> None:
    provider = enter("google-speech", google)
    google.day = Day.ELSEWHERE
    with open_to_all(FarEnd()) as stranger:
        google.elsewhere = f"{stranger.url}/v1/text:synthesize"
        way = passage(north, provider, Carries.FIXED)

        answer = ask(way, lambda: goog.speak(provider, FIXED, lang="en", voice="en-US-Neural2-F"))

        assert not answer.good
        assert stranger.connections == 0


def test_the_environments_proxy_is_not_used(
    north: Clinic, enter: Enter, google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = enter("google-speech", google)
    with open_to_all(FarEnd()) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NO_PROXY", "")

        assert ask(
            passage(north, provider, Carries.FIXED),
            lambda: goog.speak(provider, FIXED, lang="en", voice="en-US-Neural2-F"),
        ).good

        assert proxy.connections == 0


@pytest.mark.parametrize("day", [Day.DRIP, Day.ENDLESS, Day.TIME_OUT])
def test_no_answer_is_waited_for_or_read_without_end(north: Clinic, enter: Enter, google: Google, day: Day) -> None:
    provider = enter("google-speech", google, answer_ms=200)
    google.day = day
    way = passage(north, provider, Carries.FIXED)

    answer = ask(way, lambda: goog.speak(provider, FIXED, lang="en", voice="en-US-Neural2-F"))

    assert answer.trouble in (TOO_LATE, "TooLong", "ReadTimeout")
    assert answer.took_ms <= 200


def test_nothing_is_asked_inside_a_transaction(north: Clinic, enter: Enter, google: Google) -> None:
    provider = enter("google-speech", google)
    way = passage(north, provider, Carries.FIXED)

    with transaction.atomic(), pytest.raises(TransactionManagementError):
        ask(way, lambda: goog.speak(provider, FIXED, lang="en", voice="en-US-Neural2-F"))
    assert google.connections == 0


def test_a_credential_is_in_no_row_and_no_print(enter: Enter, google: Google) -> None:
    provider = enter("google-speech", google)

    assert provider.credential
    assert provider.credential not in repr(provider)


# --- Rules over the sources ------------------------------------------------------------------------------------------
WITH_A_DOOR_OF_THEIR_OWN = {
    "clinics/providers/door.py",
    "clinics/leaving.py",
    "notifications/channels/webhook.py",  # a clinic's own systems, judged by notifications.hooks.addresses
    "notifications/watching/outside.py",  # a dead man's switch, whose address the settings name
    "calls/reasoning/clients.py",  # models' own libraries, whose one transport asks the door
    "calls/simulator/far_end.py",  # plays Twilio towards our own webhooks
}
NAME_TYPES_ONLY = {"calls/speech/elevenlabs.py", "notifications/network.py"}
"""They name types of a library, and get their sessions from the door."""
CLIENTS = {"requests", "httpx", "urllib3", "http.client", "urllib.request", "aiohttp", "httpx2", "anthropic", "openai"}


def test_there_is_no_other_way_out() -> None:
    """A module that can speak HTTP is named above, or it gets its client from the door."""
    found = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if any(name in path.read_text() for name in CLIENTS) and "embedded" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if CLIENTS & _imported(node)
    }

    assert found - WITH_A_DOOR_OF_THEIR_OWN == NAME_TYPES_ONLY
    for path in NAME_TYPES_ONLY:
        made = re.findall(r"\brequests\.(\w+)", (ROOT / path).read_text())
        assert set(made) <= {"Session", "Response", "RequestException"}, path
        assert "Session(" not in (ROOT / path).read_text(), path


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.ImportFrom):
        return {node.module or "", (node.module or "").split(".")[0]}
    if isinstance(node, ast.Import):
        return {name for one in node.names for name in (one.name, one.name.split(".")[0])}
    return set()


def test_a_passage_is_made_by_the_gate_only() -> None:
    makers = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if "Passage(" in path.read_text()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Passage"
    }

    assert makers == {"clinics/providers/gate.py"}


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("https://texttospeech.googleapis.com", False),
        ("http://127.0.0.1:8000", False),
        ("http://texttospeech.googleapis.com", True),
        ("https://user:secret@host", True),
        ("https://host/?key=1", True),
        ("ftp://host", True),
        ("host", True),
        ("https://[::1", True),
    ],
)
def test_an_address_is_https_or_on_this_machine(url: str, wrong: bool) -> None:
    assert bool(wrong_address(url)) is wrong


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin("https://Host.example./a?b") == origin("https://host.example:443") == ("https", "host.example", 443)
    assert origin("https://host@other.example") == ("https", "other.example", 443)
