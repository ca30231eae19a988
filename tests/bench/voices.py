"""The same turn with a provider beside the one without: a voice on good days and bad, and a model's help."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from clinics.models import Agreement, Clinic, Provider
from clinics.practice.actions import publish_policy
from clinics.tenancy import inside
from tests.bench import places
from tests.bench.callers import Times, Wire, one_call, play
from tests.far_ends.days import nobody, open_to_all
from tests.far_ends.models import Anthropic
from tests.far_ends.speech import KEY, Google

ROUNDS = 8
SPEECH, MODEL = "google-speech", "anthropic"


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


def measure_models(clinic: Clinic, beside: Clinic) -> dict[str, tuple[Times, Times]]:
    """The same of a clinic that lets a model help: in turns that the rules understand, and in those it is asked for."""
    os.environ |= {"PROVIDER_KEY_ANTHROPIC": KEY, "LLM_PROVIDERS": MODEL}
    with inside(clinic):
        publish_policy(by=None, changes={"model_helps": True})
    with open_to_all(Anthropic()) as model, _agreed(clinic, MODEL):
        found = {"a model allowed, not needed": _beside(clinic, beside, model.url, key=MODEL)}
        asked = partial(_beside, clinic, beside, key=MODEL, deed=riddles)
        found["a model asked"] = asked(model.url)
        found["the model refuses"] = asked(nobody())
    with inside(clinic):
        publish_policy(by=None, changes={"model_helps": False})
    return found


def riddles(wire: Wire, number: str, pause: float) -> None:
    """A call of which the rules understand nothing, so that every turn of it is asked about."""
    line, _ = wire.ring(caller="+12025550142", dialled=number, test=False)
    for words in ("well it is about those little pink fellows of mine you see", "you know the ones from last spring"):
        time.sleep(pause)
        wire.say(line, words)
    if not line.over:
        wire.hang_up(line)


@contextmanager
def _agreed(clinic: Clinic, key: str = SPEECH) -> Iterator[None]:
    agreement = Agreement.objects.create(
        clinic=clinic, provider=key, signed_on=datetime.date(2026, 1, 1), document="bench"
    )
    yield
    agreement.delete()


def _beside(
    clinic: Clinic, beside: Clinic, url: str, *, key: str = SPEECH, deed: Callable[[Wire, str, float], None] = one_call
) -> tuple[Times, Times]:
    Provider.objects.filter(key=key).update(base_url=url, active=True)
    voiced, plain = Times(), Times()
    with places.serving("cliniqai.asgi:application") as port:
        for one in (clinic, beside):
            play(deed, one, port, callers=1, rounds=3)
        for _ in range(3):
            for times, one in ((voiced, clinic), (plain, beside)):
                part = play(deed, one, port, callers=1, rounds=ROUNDS, pause=0.05)
                times.answers.extend(part.answers)
                times.failed += part.failed
    return voiced, plain
