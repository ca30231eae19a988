"""The same turn with a provider's voice beside the one without, on good days and bad."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager

from clinics.models import Agreement, Clinic, Provider
from clinics.practice.actions import publish_policy
from clinics.tenancy import inside
from tests.bench import places
from tests.bench.callers import Times, one_call, play
from tests.far_ends.days import nobody, open_to_all
from tests.far_ends.speech import KEY, Google

ROUNDS = 8
SPEECH = "google-speech"


def measure(clinic: Clinic, beside: Clinic) -> dict[str, tuple[Times, Times]]:
    """Of each case the turns of a clinic with a voice, and those of the one beside without, in the same rounds."""
    os.environ["PROVIDER_KEY_GOOGLE_SPEECH"] = KEY
    with inside(clinic):
        publish_policy(by=None, changes={"speech": "provider"})
    with open_to_all(Google()) as google:
        found = {"fixed sentences played": _beside(clinic, beside, google.url)}
        with _agreed(clinic):
            found["every sentence played"] = _beside(clinic, beside, google.url)
            found["the voice refuses"] = _beside(clinic, beside, nobody())
    with inside(clinic):
        publish_policy(by=None, changes={"speech": "network"})
    return found


@contextmanager
def _agreed(clinic: Clinic) -> Iterator[None]:
    agreement = Agreement.objects.create(
        clinic=clinic, provider=SPEECH, signed_on=datetime.date(2026, 1, 1), document="bench"
    )
    yield
    agreement.delete()


def _beside(clinic: Clinic, beside: Clinic, url: str) -> tuple[Times, Times]:
    Provider.objects.filter(key=SPEECH).update(base_url=url, active=True)
    voiced, plain = Times(), Times()
    with places.serving("cliniqai.asgi:application") as port:
        for one in (clinic, beside):
            play(one_call, one, port, callers=1, rounds=3)
        for _ in range(3):
            for times, one in ((voiced, clinic), (plain, beside)):
                part = play(one_call, one, port, callers=1, rounds=ROUNDS, pause=0.05)
                times.answers.extend(part.answers)
                times.failed += part.failed
    return voiced, plain
