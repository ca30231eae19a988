"""Who hears an announcement, over what, until when and with which promise. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from notifications.kinds import Kind, Lane


class Policy(StrEnum):
    """What is promised when the outcome of a try is not known."""

    IN_DB = "in_db"  # written with the mark itself: exactly once
    AT_LEAST_ONCE = "at_least_once"  # sent again
    RECONCILE = "reconcile"  # the provider is asked first


@dataclass(frozen=True)
class Channel:
    """One road to people. `lives_minutes` caps the kind's own life: a push is worthless later.

    `outside` roads leave the house: a provider may be slow there, so what is not urgent goes in the bulk lane, where
    it delays nobody's inbox. `waits_seconds` gives what was announced time to be completed or withdrawn.
    """

    policy: Policy
    to_people: bool
    max_attempts: int
    lives_minutes: int | None = None
    outside: bool = False
    waits_seconds: int = 0


CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        "inbox": Channel(policy=Policy.IN_DB, to_people=True, max_attempts=8),
        "browser": Channel(policy=Policy.AT_LEAST_ONCE, to_people=False, max_attempts=8, lives_minutes=2),
        "pulse": Channel(policy=Policy.IN_DB, to_people=False, max_attempts=3, lives_minutes=2),
        "sms": Channel(policy=Policy.RECONCILE, to_people=True, max_attempts=8, outside=True),
        "voice": Channel(
            policy=Policy.AT_LEAST_ONCE, to_people=True, max_attempts=3, lives_minutes=15, outside=True
        ),  # a telephone that rings twice is answered once
        "email": Channel(policy=Policy.AT_LEAST_ONCE, to_people=True, max_attempts=8, outside=True),
        "letter": Channel(policy=Policy.AT_LEAST_ONCE, to_people=False, max_attempts=8, outside=True),
        "webhook": Channel(
            policy=Policy.AT_LEAST_ONCE, to_people=False, max_attempts=8, outside=True
        ),  # the receiver knows a repeat by its id
        "patient": Channel(
            policy=Policy.RECONCILE,
            to_people=False,
            max_attempts=8,
            lives_minutes=24 * 60,
            outside=True,
            waits_seconds=120,
        ),
    }
)
PING = "webhook.ping"
OUTSIDE = tuple(name for name, channel in CHANNELS.items() if channel.outside)


@dataclass(frozen=True)
class Planned:
    """A delivery to be: one person, or the clinic as a whole, over one channel."""

    person: UUID | None
    channel: str
    policy: Policy
    max_attempts: int
    lives_minutes: int
    lane: Lane = Lane.NORMAL
    waits_seconds: int = 0


def channels_of(kind: Kind) -> tuple[str, ...]:
    """Every channel that an announcer may ask for, and that people may choose."""
    return (*kind.channels, *kind.offered)


def plan(
    kind: Kind,
    *,
    people: Iterable[UUID],
    only: Iterable[str] | None = None,
    wanted: Set[tuple[UUID, str]] = frozenset(),
    patient: bool = False,
) -> list[Planned]:
    """The deliveries of one event, each person once; a channel for everybody makes exactly one.

    `only` are the channels that the announcer asked for, whatever people chose; `wanted` is who chose which offered
    channel; `patient` whether the clinic lets the patient be told.
    """
    heard = list(dict.fromkeys(people))
    planned = [
        _planned(kind, name, person)
        for name in (kind.channels if only is None else only)
        for person in (heard if CHANNELS[name].to_people else [None])
    ]
    if only is not None:
        return planned
    planned += [_planned(kind, name, one) for name in kind.offered for one in heard if (one, name) in wanted]
    if patient and kind.patient:
        planned.append(_planned(kind, "patient", None))
    return planned


TOLD_OUTSIDE = ("task.", "escalation.", "call.", "promise.")
"""Beginnings of the kinds that a clinic's own systems hear."""


def to_webhooks(kind: Kind, name: str, *, hooks: Iterable[UUID], audience: Set[UUID]) -> list[Planned]:
    """One delivery for each webhook of the clinic; a ping goes to those that it names."""
    if name == PING:
        hooks = [hook for hook in hooks if hook in audience]
    elif not name.startswith(TOLD_OUTSIDE):
        return []
    return [_planned(kind, "webhook", hook) for hook in hooks]


def _planned(kind: Kind, name: str, person: UUID | None) -> Planned:
    channel = CHANNELS[name]
    again = channel.policy is Policy.RECONCILE and kind.urgent and channel.to_people
    return Planned(
        person=person,
        channel=name,
        policy=Policy.AT_LEAST_ONCE if again else channel.policy,
        max_attempts=channel.max_attempts,
        lives_minutes=min(kind.expires_after_minutes, channel.lives_minutes or kind.expires_after_minutes),
        lane=Lane.BULK if channel.outside and (not kind.urgent or not channel.to_people) else kind.lane,
        waits_seconds=channel.waits_seconds,
    )
