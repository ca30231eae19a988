"""What proves that handing over works, as a figure: how many were answered, how many held, who rang again."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils import timezone

from analytics import board, queries
from analytics.rolling import numbers
from analytics.spans import span
from calls.handover.policy import HELD_SECONDS
from calls.models import Call, Handover
from clinics.models import Clinic
from clinics.tenancy import inside


def handed(*, talk: int | None, number: str, test: bool = False) -> None:
    call = Call.objects.create(sid=f"CA{uuid4().hex}", to_number="+12025550101", from_number=number, test=test)
    now = timezone.now()
    Handover.objects.create(
        call=call, turn=1, state="ended", language="en", about="unclear", ended_at=now, ended_by="caller", test=test,
        talk_seconds=talk, bridged_at=None if talk is None else now - timedelta(seconds=talk),
    )  # fmt: skip


def test_handovers_that_held_are_counted_apart_from_those_that_were_answered(north: Clinic) -> None:
    now = timezone.now()
    week = span("7", now=now, zone=ZoneInfo("America/New_York"))
    with inside(north):
        handed(talk=HELD_SECONDS, number="+12025550142")
        handed(talk=HELD_SECONDS - 1, number="+12025550143")
        handed(talk=None, number="+12025550144")
        handed(talk=300, number="+12025550145", test=True)
        Call.objects.create(sid=f"CA{uuid4().hex}", to_number="+12025550101", from_number="+12025550143")

        found = queries.handovers(numbers(week, now))

        assert (found.answered.part, found.answered.whole) == (2, 3)
        assert (found.held.part, found.held.whole) == (1, 3)
        assert found.again == 1
        tiles = {str(tile.label): tile.value for tile in board.tiles(board.pages(week, now))}
    assert tiles["Handovers that held"] == found.held.percent
