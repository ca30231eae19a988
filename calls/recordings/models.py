"""Recordings of calls: what the caller was told and answered before, and the audio that the clinic keeps itself."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from clinics.practice.retention import OF_AUDIO, LegalHold
from clinics.practice.sensitive import OnCallQuerySet
from clinics.sealing.fields import SealedText


class Disclosure(models.Model):
    """That a caller was told of the recording, or asked: in which words, when, and what they answered.

    Written in the transaction of the turn that says it, so before the network hears of a recording. `version` names the
    sentence by its key, language and a digest of its words.
    """

    call = models.OneToOneField("calls.Call", on_delete=models.CASCADE, primary_key=True, related_name="disclosure")
    version = models.CharField(max_length=60)
    told_at = models.DateTimeField()
    turn = models.PositiveSmallIntegerField()
    answer = models.CharField(max_length=10, blank=True, help_text="A value of Call.consent; blank: none yet")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="disclosure_answer_stamped",
            )
        ]

    def __str__(self) -> str:
        return f"disclosure of {self.call_id}"


class State(models.TextChoices):
    """Where a recording is. The provider's copy goes as soon as ours is safe; ours goes by age or erasure."""

    TOLD = "told", gettext_lazy("At the network, to be fetched")
    STORED = "stored", gettext_lazy("Kept here, the network's copy to be deleted")
    KEPT = "kept", gettext_lazy("Kept here alone")
    UNWANTED = "unwanted", gettext_lazy("Made without consent: to be deleted at the network unheard")
    DELETED = "deleted", gettext_lazy("Deleted")


DUE = "state IN ('told', 'stored', 'unwanted') AND available_at <= now()"
"""What `due()` finds, in SQL for `clinics.waiting`."""


class RecordingQuerySet(OnCallQuerySet["Recording"]):
    def due(self) -> RecordingQuerySet:
        """Those that something is to be done about at the network now."""
        return self.filter(state__in=[State.TOLD, State.STORED, State.UNWANTED], available_at__lte=Now())

    def audible(self) -> RecordingQuerySet:
        return self.filter(state__in=[State.STORED, State.KEPT])

    def without_hold(self) -> RecordingQuerySet:
        return self.filter(~Exists(LegalHold.objects.standing().filter(call_id=OuterRef("call_id"))))


FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=2)


class Recording(models.Model):
    """One recording. `file_key` opens its file and nothing else; `size` is that of the plain audio in bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="recordings")
    sid = models.CharField(max_length=34, unique=True, help_text="The network's id")
    sort = models.CharField(max_length=12, choices=[(one.value, one.label) for one in OF_AUDIO])
    state = models.CharField(max_length=8, choices=State, default=State.TOLD)
    seconds = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    available_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    file = models.CharField(max_length=120, blank=True, help_text="Its name in the storage")
    file_key = SealedText(max_length=64, default="")
    size = models.PositiveBigIntegerField(default=0)
    transcript_sid = models.CharField(
        max_length=34, blank=True, default="", db_default="", help_text="The network's id of its words there"
    )
    listened_at = models.DateTimeField(null=True, help_text="When somebody of the clinic first heard it")
    stored_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["made_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["stored", "kept"]) | (Q(stored_at__isnull=False) & ~Q(file="")),
                name="recording_stored_has_its_file",
            ),
            models.CheckConstraint(
                condition=~Q(state="deleted") | (Q(deleted_at__isnull=False) & Q(file="")),
                name="recording_deleted_has_none",
            ),
        ]
        indexes = [
            models.Index(
                fields=["available_at"], name="recording_due", condition=Q(state__in=["told", "stored", "unwanted"])
            ),
        ]

    def __str__(self) -> str:
        return f"recording {self.id}"

    @property
    def about(self) -> str:
        """What its file is bound to."""
        return f"recording\n{self.id}"
