"""Writing down what providers were asked, once the caller has his answer."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from calls.latency import with_voice
from calls.models import Turn
from calls.speech.models import ProviderCall
from calls.speech.voicing import Asked, Voiced
from clinics.models import Clinic
from clinics.tenancy import inside


def note(clinic: Clinic, *, call_id: UUID, n: int, voiced: Voiced) -> None:
    """Keep what a turn asked of voices, and how long its caller waited for them."""
    with inside(clinic):
        ProviderCall.objects.bulk_create(_row(one, call_id, n) for one in voiced.asked)
        turn = Turn.objects.filter(call_id=call_id, n=n)
        for stages in turn.values_list("stages", flat=True):
            turn.update(stages=with_voice(stages, speech_ms=voiced.took_ms, played_first=voiced.played_first))


def note_warmed(asked: Iterable[Asked]) -> None:
    """The same for sentences that no call waited for."""
    ProviderCall.objects.bulk_create(_row(one, None, None) for one in asked)


def _row(one: Asked, call_id: UUID | None, n: int | None) -> ProviderCall:
    return ProviderCall(
        call_id=call_id,
        n=n,
        provider=one.provider.key,
        capability=one.provider.capability,
        carries=one.carries,
        trouble=one.trouble,
        took_ms=one.took_ms,
        units=one.characters,
    )
