"""Plan, claim, send, mark: the one road that every process takes, whoever wakes it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from django.db import Error, connection, transaction

from notifications import claims, planning, policy
from notifications.channels import browser, inbox, pulse
from notifications.claims import Started
from notifications.policy import Outcome, Result

logger = logging.getLogger(__name__)

Writer = Callable[[Sequence[Started]], None]
Sender = Callable[[Started], Outcome]

WRITERS: Mapping[str, Writer] = MappingProxyType({"inbox": inbox.write, "pulse": pulse.write})
SENDERS: Mapping[str, Sender] = MappingProxyType({"browser": browser.send})

ONES_PER_ROUND = 20
REQUEST_BUDGET_SECONDS = 3.0


def drain(*, me: str, budget_seconds: float, grace_seconds: float = 0.0, events: Sequence[int] | None = None) -> int:
    """Plan and send what is due until nothing is or the time is up; returns how much was done.

    `grace_seconds` leaves fresh rows to others; `events` limits the work to these events. Never inside a
    transaction: what is sent must have been committed before.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Deliver after the commit, never inside a transaction.")
    until = time.monotonic() + budget_seconds
    grace = timedelta(seconds=grace_seconds)
    done = 0
    while worked := _round(me=me, grace=grace, events=events, until=until):
        done += worked
        if time.monotonic() >= until:
            break
    return done


def _round(*, me: str, grace: timedelta, events: Sequence[int] | None, until: float) -> int:
    """One batch of each sort of work: the inboxes first, so that a page that hears the push finds them."""
    done = planning.plan_due(grace=grace, events=events, chance=random.random())
    leases = claims.claim_batch(me=me, grace=grace, events=events)
    if leases:
        _write(claims.start(leases, lease=claims.IN_DB_LEASE))
        done += len(leases)
    for _ in range(ONES_PER_ROUND):
        leases = claims.claim_one(me=me, grace=grace, events=events)
        if not leases:
            break
        done += 1
        for started in claims.start(leases):
            _send(started)
        if time.monotonic() >= until:
            break
    return done


def _send(started: Started) -> None:
    if started.channel in WRITERS:
        _write([started])
        return
    sender = SENDERS.get(started.channel)
    outcome = sender(started) if sender else Outcome(Result.RETRY, "no_channel")
    _settle(started, outcome)


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
        held = claims.finish(started, state="sent", outcome=Result.SENT)
        for channel in {one.channel for one in started}:
            WRITERS[channel]([one for one in started if one.channel == channel and one.id in held])


def _settle(started: Started, outcome: Outcome) -> None:
    """Write down how the try ended, unless the lease was lost meanwhile."""
    following = policy.after(
        outcome, attempts=started.attempts, max_attempts=started.max_attempts, chance=random.random()
    )
    claims.finish(
        [started],
        state=following.state,
        outcome=outcome.result,
        code=outcome.code,
        after_seconds=following.after_seconds,
    )
    if following.state == "dead":
        logger.error("delivery %d is dead: %s", started.id, outcome.code)
