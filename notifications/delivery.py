"""Plan, claim, send, mark: the one road that every process takes, whoever wakes it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from django.db import Error, connection, transaction

from notifications import claims, planning, policy
from notifications.channels import browser, email, inbox, letter, patient, pulse, sms, voice, webhook
from notifications.claims import Lease, Started
from notifications.kinds import Lane
from notifications.policy import Outcome, Result
from notifications.routing import Policy

logger = logging.getLogger(__name__)

Writer = Callable[[Sequence[Started]], None]
Sender = Callable[[Started], Outcome]

WRITERS: Mapping[str, Writer] = MappingProxyType({"inbox": inbox.write, "pulse": pulse.write})
SENDERS: Mapping[str, Sender] = MappingProxyType(
    {
        "browser": browser.send,
        "sms": sms.send,
        "patient": patient.send,
        "voice": voice.send,
        "email": email.send,
        "letter": letter.send,
        "webhook": webhook.send,
    }
)

ONES_PER_ROUND = 20
REQUEST_BUDGET_SECONDS = 3.0
OUTSIDE_SECONDS = 0.5


@dataclass(frozen=True)
class Work:
    """What one process looks for: fresh rows may be left to others, and events, lanes and roads left out."""

    me: str
    grace: timedelta
    events: Sequence[int] | None = None
    lanes: Sequence[int] | None = None
    outside: bool = True

    @property
    def bulk_alone(self) -> bool:
        return self.lanes is not None and set(self.lanes) == {Lane.BULK}


def drain(
    *,
    me: str,
    budget_seconds: float,
    grace_seconds: float = 0.0,
    events: Sequence[int] | None = None,
    lanes: Sequence[int] | None = None,
    outside: bool = True,
) -> int:
    """Plan and send what is due until nothing is or the time is up; returns how much was done.

    `grace_seconds` leaves fresh rows to others; `events` and `lanes` limit the work to these; `outside=False` leaves
    out what goes through a provider. Never inside a transaction: what is sent must have been committed before.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Deliver after the commit, never inside a transaction.")
    until = time.monotonic() + budget_seconds
    work = Work(me, timedelta(seconds=grace_seconds), events, lanes, outside)
    done = 0
    while worked := _round(work, until=until):
        done += worked
        if time.monotonic() >= until:
            break
    return done


def _round(work: Work, *, until: float) -> int:
    """One batch of each sort of work: the inboxes first, so that a page that hears the push finds them.

    Of what leaves the house one is sent, and then the house is looked after again: a provider that answers after ten
    seconds keeps nobody's inbox waiting for a second one. Who works for the bulk lane alone, where no inbox waits,
    sends for half a second.
    """
    mine = {"me": work.me, "grace": work.grace, "events": work.events, "lanes": work.lanes}
    done = planning.plan_due(grace=work.grace, events=work.events, lanes=work.lanes, chance=random.random())
    leases = claims.claim_batch(**mine)
    if leases:
        _write(claims.start(leases, lease=claims.IN_DB_LEASE))
        done += len(leases)
    for _ in range(ONES_PER_ROUND):
        if not _one(claims.claim_one(**mine)):
            break
        done += 1
        if time.monotonic() >= until:
            return done
    look_again = min(until, time.monotonic() + OUTSIDE_SECONDS)
    while work.outside and (sent := _one(claims.claim_one(**mine, outside=True))):
        done += sent
        if not work.bulk_alone or time.monotonic() >= look_again:
            break
    return done


def _one(leases: Sequence[Lease]) -> int:
    for started in claims.start(leases) if leases else []:
        _send(started)
    return len(leases)


def _send(started: Started) -> None:
    if started.channel in WRITERS:
        _write([started])
        return
    sender = SENDERS.get(started.channel)
    _settle(started, _tried(sender, started) if sender else Outcome(Result.RETRY, "no_channel"))


def _tried(sender: Sender, started: Started) -> Outcome:
    """How the try ended. A fault of our own counts as unknown: it may have come after the sending, and must not take
    the process, and with it everybody else's messages, along."""
    try:
        return sender(started)
    except Exception as fault:
        if isinstance(fault, Error) and not connection.is_usable():
            raise
        logger.exception("delivery %d: the channel failed", started.id)
        return Outcome(Result.UNKNOWN, f"fault_{type(fault).__name__}")


def _write(started: Sequence[Started]) -> None:
    """Write and mark in one transaction; where a batch fails, each one alone, so that one cannot hold the others."""
    if not started:
        return
    try:
        _write_together(started)
        inbox.show([one for one in started if one.channel == "inbox"])
    except Error as error:
        if not connection.is_usable():
            raise
        if len(started) > 1:
            for one in started:
                _write([one])
            return
        logger.warning("delivery %d was not written: %s", started[0].id, type(error).__name__)
        _settle(started[0], Outcome(Result.RETRY, type(error).__name__))


def _write_together(started: Sequence[Started]) -> None:
    with transaction.atomic():
        held = claims.finish(started, state="sent", outcome=Outcome(Result.SENT))
        for channel in {one.channel for one in started}:
            WRITERS[channel]([one for one in started if one.channel == channel and one.id in held])


def _settle(started: Started, outcome: Outcome) -> None:
    """Write down how the try ended; where the lease was lost meanwhile, only with the try itself."""
    following = policy.after(
        outcome,
        attempts=started.attempts,
        max_attempts=started.max_attempts,
        chance=random.random(),
        ask_first=started.policy == Policy.RECONCILE,
    )
    if not claims.finish([started], state=following.state, outcome=outcome, after_seconds=following.after_seconds):
        claims.note(started, outcome)
    if following.state == "dead":
        logger.error("delivery %d is dead: %s", started.id, outcome.code)
