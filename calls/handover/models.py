"""Handing a call to a person, as rows: the handover, whom it rang, and each step with its time."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from calls.handover import policy
from clinics.practice.sensitive import OnCallQuerySet


class HandoverQuerySet(OnCallQuerySet["Handover"]):
    def real(self) -> HandoverQuerySet:
        """Without those of test calls: what figures count."""
        return self.filter(test=False)

    def answered(self) -> HandoverQuerySet:
        """Those that a person took and spoke in."""
        return self.exclude(bridged_at=None)

    def held(self) -> HandoverQuerySet:
        """Those in which the conversation was long enough to be one."""
        return self.filter(talk_seconds__gte=policy.HELD_SECONDS)

    def over(self) -> HandoverQuerySet:
        return self.filter(state__in=policy.OVER)

    def with_rang_again(self) -> HandoverQuerySet:
        """With `rang_again`: whether the same number called within two hours of the end; false when it is withheld."""
        calls = self.model._meta.get_field("call").related_model.objects
        later = calls.filter(
            number_index=OuterRef("call__number_index"),
            started_at__gt=OuterRef("ended_at"),
            started_at__lte=OuterRef("ended_at") + policy.AGAIN,
        ).exclude(number_index=b"")
        return self.annotate(rang_again=Exists(later))


class Handover(models.Model):
    """One attempt to hand a call to a person. `turn` is the turn that said so; the next one follows when it fails.

    `gave_up_at` says when nobody was left to be rung, `talk_seconds` how long caller and person spoke. `person` is who
    pressed 1; nobody when it was the clinic's own line.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="handovers")
    turn = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=list(policy.STATES.items()), default=policy.REQUESTED)
    language = models.CharField(max_length=2)
    about = models.CharField(max_length=20, help_text="The intent, a code")
    test = models.BooleanField(default=False)
    requested_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True)
    bridged_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=8, choices=list(policy.ENDED_BY.items()), blank=True)
    talk_seconds = models.PositiveIntegerField(null=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["call", "turn"]
        constraints = [
            models.UniqueConstraint(fields=["call", "turn"], name="handover_once_a_turn"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(policy.OVER)) | Q(ended_at__isnull=False), name="handover_over_stamped"
            ),
            models.CheckConstraint(
                condition=Q(talk_seconds=None) | Q(bridged_at__isnull=False), name="handover_talk_was_bridged"
            ),
        ]
        indexes = [models.Index(F("ended_at").desc(nulls_last=True), name="handover_newest_over")]

    def __str__(self) -> str:
        return f"handover {self.id}"

    @property
    def room(self) -> str:
        """The name of its conference: an id, never a word about anybody."""
        return room_of(self.call_id, self.turn)


def room_of(call_id: uuid.UUID, turn: int) -> str:
    return f"{call_id}-{turn}"


class HandoverLeg(models.Model):
    """One telephone that was rung for a handover; without a person it is the clinic's own line. Its id is in the
    addresses that the network is given."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="legs")
    n = models.PositiveSmallIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    sid = models.CharField(max_length=34, blank=True, help_text="The network's id of the call to it")
    over_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["handover", "n"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "n"], name="handover_leg_once"),
            models.UniqueConstraint(fields=["handover"], condition=Q(over_at=None), name="handover_one_leg_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"leg {self.n} of {self.handover_id}"


class HandoverStep(models.Model):
    """A state that a handover came into. Append-only. `why` is a code, such as the network's own error."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="steps")
    n = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=list(policy.STATES.items()))
    leg = models.ForeignKey(HandoverLeg, null=True, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["handover", "n"]
        constraints = [models.UniqueConstraint(fields=["handover", "n"], name="handover_step_once")]

    def __str__(self) -> str:
        return f"{self.state} of {self.handover_id}"
