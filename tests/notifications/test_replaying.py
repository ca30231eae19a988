"""Dead deliveries come back by command: once, with a name and a reason, and what was sent stays sent."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from notifications import delivery, stream
from notifications.models import Attempt, Delivery, Replay
from notifications.policy import Outcome, Result
from notifications.replaying import Wanted, replay

pytestmark = pytest.mark.usefixtures("no_nudge")


@pytest.fixture
def pushed(monkeypatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(stream, "push", lambda *, schema, kind: said.append(kind))
    return said


@pytest.fixture
def dead(outbox, pushed, monkeypatch):
    """Ten dead pushes of north, two of south, and sent ones beside them."""
    with monkeypatch.context() as patched:
        patched.setattr(delivery, "SENDERS", {"browser": lambda _: Outcome(Result.REFUSED, "refused")})
        for _ in range(10):
            outbox.announce("task.claimed")
        for _ in range(2):
            outbox.announce("call.ended", clinic=outbox.south)
        outbox.deliver()
    outbox.announce("task.changed")
    outbox.deliver()
    pushed.clear()
    assert Delivery.objects.filter(state="dead").count() == 12


def say(*words: str) -> str:
    out = StringIO()
    call_command("replay", *words, stdout=out)
    return out.getvalue()


def test_the_dead_come_back_and_are_sent_once(outbox, dead, pushed):
    assert "12 deliveries" in say("--reason", "the provider is back")
    assert pushed == [], "a replay sends nothing itself"
    outbox.deliver()
    assert sorted(pushed) == ["call.ended"] * 2 + ["task.claimed"] * 10
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_it_is_written_down_who_did_it_and_why(outbox, dead):
    say("--clinic", "north", "--kind", "task.claimed", "--reason", "the provider is back")
    note = Replay.objects.get()
    assert (note.reason, note.clinic, note.kind, note.deliveries) == (
        "the provider is back",
        outbox.north,
        "task.claimed",
        10,
    )
    assert note.by
    assert Attempt.objects.filter(outcome="replayed").count() == 10


def test_a_dry_run_counts_and_changes_nothing(outbox, dead):
    assert "12 deliveries and 0 events would be replayed" in say("--dry-run", "--reason", "looking")
    assert Delivery.objects.filter(state="dead").count() == 12
    assert not Replay.objects.exists()
    assert not Attempt.objects.filter(outcome="replayed").exists()


def test_it_narrows_by_clinic_kind_and_time(outbox, dead):
    assert "2 deliveries" in say("--clinic", "south", "--dry-run", "--reason", "looking")
    assert "10 deliveries" in say("--kind", "task.claimed", "--dry-run", "--reason", "looking")
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    assert "0 deliveries" in say("--since", tomorrow, "--dry-run", "--reason", "looking")


def test_what_is_past_its_time_stays_dead_unless_told_otherwise(outbox, dead):
    outbox.sql("UPDATE notifications_delivery SET expires_at = now() - interval '1 minute' WHERE state = 'dead'")
    assert "12 are past their time" in say("--reason", "the provider is back")
    assert Delivery.objects.filter(state="dead").count() == 12
    assert "12 deliveries" in say("--even-expired", "--reason", "they must know all the same")
    assert outbox.deliver() == 12


def test_two_replays_at_once_bring_each_back_once(outbox, dead, pushed):
    def again() -> None:
        try:
            replay(Wanted(), by="operator", reason="twice at once")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=again) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.deliver()
    assert len(pushed) == 12
    assert sum(Replay.objects.values_list("deliveries", flat=True)) == 12


def test_dead_events_come_back_too(outbox, pushed):
    about = outbox.announce("task.claimed")
    outbox.sql("UPDATE notifications_event SET state = 'dead', attempts = 8")
    assert "1 events" in say("--reason", "the schema is repaired")
    outbox.deliver()
    assert outbox.states(about) == {"browser": ["sent"]}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--reason", " "),
        ("--reason", "x" * 201),
        ("--clinic", "west", "--reason", "looking"),
        ("--since", "yesterday", "--reason", "looking"),
        ("--since", "2026-13-45", "--reason", "looking"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(outbox, words):
    with pytest.raises(CommandError):
        say(*words)
