"""Who is on call when: shifts of every week and single ones that replace them."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext

from clinics.practice.rota import Duty


class ShiftQuerySet(models.QuerySet["Shift"]):
    def staffed(self) -> ShiftQuerySet:
        """Those of people who still work here."""
        return self.filter(person__is_active=True)

    def not_over(self, today: date) -> ShiftQuerySet:
        """Those that can still come."""
        return self.exclude(until__lt=today)

    def with_people(self) -> ShiftQuerySet:
        return self.select_related("person")


class Shift(models.Model):
    """Somebody is on call: every week on one day, or once. In the clinic's own time; past midnight when it ends early.

    `place` says who is asked first. What stands once replaces, while it lasts, what stands every week in its place:
    so a colleague covers a night without the regular week being touched.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts")
    place = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
        help_text="1 is asked first, 2 and on are backups",
    )
    weekday = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(6)], help_text="0 is Monday; blank: once, on `since`"
    )
    begins = models.TimeField()
    ends = models.TimeField(help_text="At or before `begins`: on the next day")
    since = models.DateField(help_text="The first day, or the only one")
    until = models.DateField(null=True, blank=True, help_text="The last day on which it begins; blank: no end")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["weekday", "since", "begins", "place", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "place", "weekday", "begins", "since"], name="shift_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(place__gte=1, place__lte=4), name="shift_place"),
            models.CheckConstraint(condition=models.Q(weekday=None) | models.Q(weekday__lte=6), name="shift_weekday"),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="shift_until_after_since"
            ),
            models.CheckConstraint(
                condition=models.Q(weekday__isnull=False) | models.Q(until=models.F("since")),
                name="shift_once_is_one_day",
            ),
        ]

    def __str__(self) -> str:
        return f"shift {self.pk}"

    def clean(self) -> None:
        if self.until and self.since and self.until < self.since:
            raise ValidationError({"until": gettext("The last day cannot be before the first.")})


def read_rota() -> list[Duty]:
    """The shifts of the people who still work here, as `rota` wants them."""
    rows = Shift.objects.staffed()
    return [Duty(row.person_id, row.place, row.weekday, row.begins, row.ends, row.since, row.until) for row in rows]
