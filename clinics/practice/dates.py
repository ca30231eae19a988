"""Days and moments that a calendar can be worked out for: what people type may be any year."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

YEARS = range(1990, 2101)


def in_our_time(when: date | datetime) -> None:
    """Refuse a year that is a slip of the finger: near the ends of the calendar there is no day before or after."""
    if when.year not in YEARS:
        raise ValidationError(
            gettext("Choose a year from %(first)s to %(last)s.") % {"first": YEARS[0], "last": YEARS[-1]}
        )
