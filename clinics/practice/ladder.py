"""The escalation ladder as data: who is told how, and after how many seconds if nobody has it by then. Pure.

A clinic's policy may set the seconds of a step within its bounds; the steps and their order stay, so that no clinic
can take a step away. `attention` has no ladder: its task has a due time of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from clinics.words import gettext, ngettext


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. `who` is asked for when it is due; `least` and `most` bound what a clinic may set, in seconds."""

    name: str
    who: str
    channels: tuple[str, ...]
    after: int
    least: int
    most: int


EVERYONE, DOCTORS, ON_CALL, BACKUP, MANAGERS, NOBODY = "everyone", "doctors", "on_call", "backup", "managers", ""
LAST = "unanswered"

STANDARD: Mapping[str, tuple[Stage, ...]] = {
    "emergency": (
        Stage("portal", EVERYONE, ("inbox", "browser"), 0, 0, 0),
        Stage("doctors", DOCTORS, ("inbox", "browser", "email"), 60, 30, 120),
        Stage("text", ON_CALL, ("sms", "browser"), 120, 60, 240),
        Stage("ring", ON_CALL, ("voice", "browser"), 240, 90, 420),
        Stage("backup", BACKUP, ("sms", "voice", "browser"), 360, 150, 600),
        Stage("managers", MANAGERS, ("sms", "voice", "browser"), 480, 210, 900),
        Stage(LAST, NOBODY, ("inbox", "browser", "email"), 600, 300, 1200),
    ),
    "urgent": (
        Stage("portal", EVERYONE, ("inbox", "browser"), 0, 0, 0),
        Stage("doctors", DOCTORS, ("inbox", "browser", "email"), 600, 300, 1800),
        Stage("text", ON_CALL, ("sms", "browser"), 1200, 600, 3600),
        Stage("ring", ON_CALL, ("voice", "browser"), 1800, 900, 5400),
        Stage("backup", BACKUP, ("sms", "voice", "browser"), 2700, 1200, 7200),
        Stage("managers", MANAGERS, ("sms", "voice", "browser"), 3600, 1800, 9000),
        Stage(LAST, NOBODY, ("inbox", "browser", "email"), 4500, 2400, 10800),
    ),
    "attention": (),
}

PHONES = frozenset({"sms", "voice"})
"""The channels that reach a person's own telephone."""

AGAIN_AFTER = (*(300,) * 12, 1800)
"""Seconds between the alarms that nobody answers: every five minutes for an hour, then every half hour."""


def stages(level: str, times: Mapping[str, Mapping[str, int]]) -> tuple[tuple[int, Stage], ...]:
    """(seconds, step) of a level in order, with the clinic's times where it has set any."""
    own = times.get(level, {})
    return tuple((own.get(stage.name, stage.after), stage) for stage in STANDARD.get(level, ()))


def again_after(alarms: int) -> int:
    """Seconds until the next alarm after so many that nobody answered."""
    return AGAIN_AFTER[min(max(alarms, 1), len(AGAIN_AFTER)) - 1]


def problems(times: object) -> list[str]:
    """What is wrong with a clinic's times, in sentences; nothing when they are sound."""
    if not isinstance(times, Mapping) or not all(isinstance(own, Mapping) for own in times.values()):
        return [gettext("Give the seconds of each step per level.")]
    found = [
        gettext("There is no level called %(level)s.") % {"level": level} for level in times if level not in STANDARD
    ]
    for level in (level for level in times if level in STANDARD):
        found += _problems_of(level, times[level])
    return found


def _problems_of(level: str, own: Mapping[str, object]) -> list[str]:
    known = {stage.name: stage for stage in STANDARD[level]}
    found = [
        gettext("The %(level)s ladder has no step called %(name)s.") % {"level": level, "name": name}
        for name in own
        if name not in known
    ]
    for name, seconds in own.items():
        stage = known.get(name)
        if stage is None:
            continue
        if not isinstance(seconds, int) or isinstance(seconds, bool) or not stage.least <= seconds <= stage.most:
            found.append(
                gettext("%(level)s, %(name)s: choose %(least)s to %(most)s.")
                % {"level": level.capitalize(), "name": name, "least": words(stage.least), "most": words(stage.most)}
            )
    if not found:
        planned = stages(level, {level: own})  # type: ignore[dict-item]
        found = [
            gettext("%(level)s: %(later)s cannot come before %(earlier)s.")
            % {"level": level.capitalize(), "later": after.name, "earlier": before.name}
            for (first, before), (second, after) in pairwise(planned)
            if second < first
        ]
    return found


def words(seconds: int) -> str:
    """A length of time in words: "45 seconds", "1 minute", "1 min 30 s", "1 h 15 min"."""
    if seconds < 60:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        plain = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
        return f"{minutes} min {rest} s" if rest else plain
    hours, minutes = divmod(minutes, 60)
    plain = ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return f"{hours} h {minutes:02d} min" if minutes else plain
