"""Which doctors a decision is put to when nobody in particular is asked, and who covers for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice import rota
from clinics.practice.shifts import read_rota
from clinics.remembered import Remembered
from clinics.tenancy import current_clinic


class CoverQuerySet(models.QuerySet["Cover"]):
    def in_force(self, day: date) -> CoverQuerySet:
        return self.filter(since__lte=day, until__gte=day, person__is_active=True)

    def not_over(self, day: date) -> CoverQuerySet:
        return self.filter(until__gte=day)

    def with_people(self) -> CoverQuerySet:
        return self.select_related("absent", "person")


class Cover(models.Model):
    """A doctor decides in another's place, from one day to another, both included."""

    absent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = CoverQuerySet.as_manager()

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["absent", "person", "since"], name="cover_once"),
            models.CheckConstraint(condition=Q(until__gte=models.F("since")), name="cover_until_after_since"),
            models.CheckConstraint(condition=~Q(absent=models.F("person")), name="cover_by_another"),
        ]

    def __str__(self) -> str:
        return f"cover {self.pk}"

    def clean(self) -> None:
        if self.until and self.since and self.until < self.since:
            raise ValidationError({"until": gettext("The last day cannot be before the first.")})
        if self.absent_id == self.person_id:
            raise ValidationError({"person": gettext("Somebody else has to cover.")})


@dataclass(frozen=True, slots=True)
class Doctors:
    """The clinic's doctors at one moment: all, those on duty, and who covers for whom."""

    everyone: frozenset[UUID]
    on_duty: frozenset[UUID]
    covers: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)

    def asked(self, people: frozenset[UUID]) -> frozenset[UUID]:
        """Who decides: the doctors it was put to, else those on duty, else every doctor; and who covers for them."""
        put_to = people & (self.everyone | self.covers.keys())
        first = put_to or self.on_duty or self.everyone
        return (first & self.everyone).union(*(self.covers.get(one, frozenset()) for one in first))


_now: Remembered[str, Doctors] = Remembered(seconds=2.0, limit=1024)


def doctors_now() -> Doctors:
    """The same for every row of a page; a shift that begins is seen within two seconds."""
    return _now.get(connection.schema_name, read_doctors)


def read_doctors() -> Doctors:
    local = timezone.now().astimezone(ZoneInfo(current_clinic().timezone))
    everyone = frozenset(User.objects.active().with_role(Role.DOCTOR).values_list("pk", flat=True))
    places = (frozenset(place) & everyone for place in rota.on_call(read_rota(), local))
    covers: dict[UUID, frozenset[UUID]] = {}
    for absent, person in Cover.objects.in_force(local.date()).values_list("absent", "person"):
        if person in everyone:
            covers[absent] = covers.get(absent, frozenset()) | {person}
    return Doctors(everyone, next(filter(None, places), frozenset()), covers)
