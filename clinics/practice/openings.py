"""When people are there: the intervals of the regular week, and the days that have others. On the clinic's clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext

from clinics.practice import hours


class OpeningHours(models.Model):
    """One interval of one weekday (0 is Monday), in the clinic's own time; several a day are fine."""

    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["weekday", "opens"], name="opening_once"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="opening_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}-{self.closes}"

    def clean(self) -> None:
        if self.opens == self.closes:
            raise ValidationError({"closes": gettext("Closing time must differ from opening time.")})


class Holiday(models.Model):
    """A day with other hours: closed, or open from `opens` to `closes` and again in each interval of `more`.

    `more` holds pairs of clock times such as ["13:00", "17:30"].
    """

    day = models.DateField(unique=True)
    name = models.CharField(max_length=80)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)
    more = models.JSONField(default=list, db_default=[], blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens=None, closes=None) | models.Q(opens__isnull=False, closes__isnull=False),
                name="holiday_hours_paired",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"

    @property
    def spans(self) -> tuple[hours.Span, ...]:
        """The intervals of the day in their order; none when it is closed."""
        if self.opens is None or self.closes is None:
            return ()
        more = ((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in self.more)
        return tuple(sorted(((self.opens, self.closes), *more)))

    @spans.setter
    def spans(self, spans: Sequence[hours.Span]) -> None:
        first, *others = sorted(spans) or [(None, None)]
        self.opens, self.closes = first
        self.more = [[f"{opens:%H:%M:%S}", f"{closes:%H:%M:%S}"] for opens, closes in others]

    def clean(self) -> None:
        if (self.opens is None) == (self.closes is None) and (wrong := hours.complaint(self.spans)):
            raise ValidationError(wrong)
