"""Rates and lengths of time in words: what is computed from counts. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from clinics.words import gettext, ngettext


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`; of nothing there is no rate."""

    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        """0 to 1, or None when there is nothing to have a part of."""
        return self.part / self.whole if self.whole else None

    @property
    def percent(self) -> str:
        """ "83 %", "none yet"."""
        return f"{round(100 * self.part / self.whole)} %" if self.whole else gettext("none yet")

    @property
    def words(self) -> str:
        """ "83 % (10 of 12)", "none yet"."""
        return (
            gettext("%(percent)s %% (%(part)s of %(whole)s)")
            % {"percent": round(100 * self.part / self.whole), "part": self.part, "whole": self.whole}
            if self.whole
            else gettext("none yet")
        )


def length(seconds: float | None) -> str:
    """A length of time as people say it: "42 s", "2:41 min", "3:05 h", "2 days"."""
    if seconds is None:
        return gettext("none yet")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    if whole < 2 * 86_400:
        return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
    return ngettext("%(count)s day", "%(count)s days", whole // 86_400) % {"count": whole // 86_400}


def short(milliseconds: float) -> str:
    """A short length of time: "340 ms", from ten seconds on as `length` says it."""
    return f"{round(milliseconds)} ms" if milliseconds < 10_000 else length(milliseconds / 1000)
