"""A test of two voices: begun and ended by people, or ended by itself, and what its calls show so far."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext

from calls.models import Call, Status
from calls.speech import results
from calls.speech.models import ProviderCall
from clinics import audit
from clinics.models import Clinic, VoiceTest
from clinics.people.models import User
from clinics.providers.gate import providers
from clinics.providers.models import Capability, Stopped, Unit
from clinics.remembered import Remembered
from clinics.sealing.keys import keys_of
from clinics.tenancy import inside

SECONDS = 5.0
MOST_CALLS = 20_000

_running: Remembered[int, VoiceTest | None] = Remembered(seconds=SECONDS, limit=4096)


# --- Deeds -----------------------------------------------------------------------------------------------------------
def start_test(*, by: User, clinic: Clinic, challenger: str, percent: int, worth: float) -> VoiceTest:
    """Begin a test beside the voice that speaks now. Raises `ValidationError` with the sentence shown."""
    offered = [one.key for one in providers(Capability.SPEECH)]
    if challenger not in offered[1:]:
        raise ValidationError(gettext("Choose a speech provider that is active and does not speak already."))
    row = VoiceTest(
        clinic=clinic, baseline=offered[0], challenger=challenger, percent=percent, worth=worth, started_by=by.pk
    )
    row.full_clean(exclude=["clinic"])
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record_change(by=by, of=row, changes={"voice test": ("", f"{challenger}, {percent} %")})
    except IntegrityError as running:
        raise ValidationError(gettext("A test is running already: end it first.")) from running
    _running.drop(clinic.pk)
    return row


def stop_test(*, by: User, clinic: Clinic) -> bool:
    """End the running test; False when there is none."""
    with transaction.atomic():
        done = VoiceTest.objects.running().filter(clinic=clinic)
        row = done.select_for_update().first()
        if row is None:
            return False
        done.update(stopped_at=Now(), stopped_by=by.pk, why=Stopped.PERSON)
        audit.record_change(by=by, of=row, changes={"voice test": (row.challenger, "ended")})
    _running.drop(clinic.pk)
    return True


def watch() -> int:
    """End every test whose new voice is surely worse; returns how many were ended."""
    ended = 0
    for row in VoiceTest.objects.running().select_related("clinic"):
        with inside(row.clinic):
            why = results.must_stop(*arms(row))
        if why:
            ended += VoiceTest.objects.running().filter(pk=row.pk).update(stopped_at=Now(), why=why)
            _running.drop(row.clinic_id)
    return ended


# --- Whose voice -----------------------------------------------------------------------------------------------------
def running_test(clinic: Clinic) -> VoiceTest | None:
    """The clinic's test as it was a few seconds ago."""
    return _running.get(clinic.pk, lambda: VoiceTest.objects.running().filter(clinic=clinic).first())


def assigned(test: VoiceTest, caller: str) -> str:
    """The voice of a caller: the same each time. A withheld number hears what is spoken as before.

    The digest is keyed, so that nobody can work out from a number which voice it is given.
    """
    if not caller:
        return test.baseline
    key = keys_of(connection.schema_name).index_keys[-1]
    digest = hmac.digest(key, f"{test.pk}/{caller}".encode(), "sha256")
    return test.challenger if int.from_bytes(digest[:8], "big") % 100 < test.percent else test.baseline


# --- What it shows ---------------------------------------------------------------------------------------------------
def arms(test: VoiceTest) -> tuple[results.Arm, results.Arm]:
    """The calls of both voices since the test began; call it inside the clinic. Test calls do not count."""
    voices = (test.baseline, test.challenger)
    rows = Call.objects.real().filter(status=Status.COMPLETED, voice__in=voices, started_at__gte=test.started_at)
    if test.stopped_at:
        rows = rows.filter(started_at__lte=test.stopped_at)
    calls = list(rows.values("id", "voice", "outcome", "end_reason", "duration_sec", "reprompts")[:MOST_CALLS])
    spent = _spent([one["id"] for one in calls])
    heard = [_heard(one, spent[one["id"]]) for one in calls]
    return results.arm_of(test.baseline, heard), results.arm_of(test.challenger, heard)


def _heard(call: Mapping[str, object], spent: tuple[int, int, float | None]) -> results.Heard:
    asked, failed, cost = spent
    return results.Heard(
        voice=str(call["voice"]),
        outcome=str(call["outcome"]),
        hung_up=str(call["end_reason"]).startswith("caller_"),
        seconds=int(call["duration_sec"] or 0),  # type: ignore[call-overload]
        reprompts=int(call["reprompts"]),  # type: ignore[call-overload]
        asked=asked,
        failed=failed,
        cost=cost,
    )


def _spent(calls: list[object]) -> defaultdict[object, tuple[int, int, float | None]]:
    """Of each call how many sentences were asked for, how many failed, and what they cost."""
    prices = {
        one.key: one.price / 1_000_000
        for one in providers(Capability.SPEECH)
        if one.price is not None and one.price_unit == Unit.CHARACTERS
    }
    found: defaultdict[object, tuple[int, int, float | None]] = defaultdict(lambda: (0, 0, 0.0))
    rows = ProviderCall.objects.filter(call_id__in=calls, capability=Capability.SPEECH)
    told = rows.values_list("call_id", "provider", "trouble").annotate(units=Sum("units"), asked=Count("id"))
    for call_id, provider, trouble, units, times in told:
        asked, failed, cost = found[call_id]
        price = prices.get(provider)
        more = None if price is None or cost is None else cost + (0.0 if trouble else price * units)
        found[call_id] = (asked + times, failed + (times if trouble else 0), more)
    return found
