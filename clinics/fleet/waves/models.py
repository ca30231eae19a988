"""Groups of clinics, what a group has set, and each change of it on its way through the rings. No patient data."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clinics.fleet.waves.states import Standing, State


class Group(models.Model):
    """Clinics of one owner. What `settings` says holds in all of them; a clinic may choose otherwise unless `locked`.

    `settings` changes only by a change that has gone through all its waves.
    """

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    settings = models.JSONField(default=dict, blank=True, editable=False)
    locked = models.JSONField(default=list, blank=True, help_text="Fields in which no clinic may choose otherwise")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """Which group a clinic belongs to, and the fields in which it has chosen otherwise itself."""

    clinic = models.OneToOneField("clinics.Clinic", primary_key=True, on_delete=models.CASCADE, related_name="member")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members")
    own = models.JSONField(default=list, editable=False)

    class Meta:
        ordering = ["clinic"]

    def __str__(self) -> str:
        return f"clinic {self.clinic_id} of {self.group_id}"


class FleetChange(models.Model):
    """One change of policy fields or switches, for a group or, without one, for every clinic.

    `watched_since` is when what goes wrong began to count: an operator who lets a halted change go on has seen what
    was before. `history` has who did what, when and why: operators are named by their id.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=80)
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="changes")
    settings = models.JSONField(help_text="The new value of each field")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    ring = models.CharField(max_length=7, help_text="The wave it is in")
    soak_minutes = models.PositiveIntegerField(help_text="How long a wave is watched before the next one")
    least_calls = models.PositiveIntegerField(help_text="And how many calls it must have had until then")
    started_by = models.UUIDField(null=True, help_text="None: the command line")
    started_at = models.DateTimeField(db_default=Now())
    wave_at = models.DateTimeField(db_default=Now(), help_text="When this wave began")
    watched_since = models.DateTimeField(db_default=Now())
    halted_at = models.DateTimeField(null=True)
    halted_by = models.CharField(max_length=20, blank=True, help_text="The guardrail; blank: an operator")
    halted_in = models.CharField(max_length=40, blank=True, help_text="The clinic's short name; blank: all together")
    halted_on = models.JSONField(default=dict, help_text="The figures that tripped it")
    ended_at = models.DateTimeField(null=True)
    history = models.JSONField(default=list)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="halted") | Q(halted_at__isnull=False), name="fleet_change_halted_stamped"
            )
        ]

    def __str__(self) -> str:
        return self.title


class FleetStep(models.Model):
    """One change in one clinic. It becomes `applied` in the transaction that publishes the clinic's next policy.

    `ring` is the clinic's when the change began. `before` are the values that were there, for who takes it back.
    `calm` and `seen` are the guardrails' figures before and since, as {name: [bad, all]}.
    """

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(FleetChange, on_delete=models.CASCADE, related_name="steps")
    clinic = models.ForeignKey("clinics.Clinic", on_delete=models.CASCADE, related_name="+")
    ring = models.CharField(max_length=7)
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.WAITING)
    before = models.JSONField(default=dict)
    version = models.PositiveIntegerField(null=True, help_text="Of the policy that it made")
    code = models.CharField(max_length=200, blank=True, help_text="The fields that were refused")
    applied_at = models.DateTimeField(null=True)
    calm = models.JSONField(default=dict)
    seen = models.JSONField(default=dict)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["change", "id"]
        constraints = [models.UniqueConstraint(fields=["change", "clinic"], name="fleet_step_once")]

    def __str__(self) -> str:
        return f"step of clinic {self.clinic_id}"
