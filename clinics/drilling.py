"""How a clinic stands with its fire drills, for the people who must know. The drills are played by the calls app."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinics.words import gettext, ngettext

VALID_FOR = timedelta(days=30)
"""How long a passed drill vouches for a clinic."""


def is_stale(last_passed: datetime | None, now: datetime) -> bool:
    """Whether a clinic has gone too long without a passed drill."""
    return last_passed is None or now - last_passed > VALID_FOR


def standing(last_passed: datetime | None, now: datetime) -> str:
    """The same in words: "passed today", "passed 12 days ago", "none passed in 30 days", "never passed"."""
    if last_passed is None:
        return gettext("never passed")
    if is_stale(last_passed, now):
        return gettext("none passed in %(days)s days") % {"days": VALID_FOR.days}
    days = (now - last_passed).days
    return (
        gettext("passed today")
        if days == 0
        else ngettext("passed %(days)s day ago", "passed %(days)s days ago", days) % {"days": days}
    )
