"""Who hears an announcement, over what, until when and with which promise. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from notifications.kinds import Kind


class Policy(StrEnum):
    """What is promised when the outcome of a try is not known."""

    IN_DB = "in_db"  # written with the mark itself: exactly once
    AT_LEAST_ONCE = "at_least_once"  # sent again
    RECONCILE = "reconcile"  # the provider is asked first


@dataclass(frozen=True)
class Channel:
    """One road to people. `lives_minutes` caps the kind's own life: a push is worthless later."""

    policy: Policy
    to_people: bool
    max_attempts: int
    lives_minutes: int | None = None


CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        "inbox": Channel(policy=Policy.IN_DB, to_people=True, max_attempts=8),
        "browser": Channel(policy=Policy.AT_LEAST_ONCE, to_people=False, max_attempts=8, lives_minutes=2),
        "pulse": Channel(policy=Policy.IN_DB, to_people=False, max_attempts=3, lives_minutes=2),
    }
)


@dataclass(frozen=True)
class Planned:
    """A delivery to be: one person, or the clinic as a whole, over one channel."""

    person: UUID | None
    channel: str
    policy: Policy
    max_attempts: int
    lives_minutes: int


def plan(kind: Kind, *, people: Iterable[UUID]) -> list[Planned]:
    """The deliveries of one event, each person once; a channel for everybody makes exactly one."""
    heard = list(dict.fromkeys(people))
    planned = []
    for name in kind.channels:
        channel = CHANNELS[name]
        lives = min(kind.expires_after_minutes, channel.lives_minutes or kind.expires_after_minutes)
        for person in heard if channel.to_people else [None]:
            planned.append(Planned(person, name, channel.policy, channel.max_attempts, lives))
    return planned
