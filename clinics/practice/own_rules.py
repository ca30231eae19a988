"""What a clinic adds to the shipped safety rules: drafts, what is in force, and requests to take something back.

A rule that was published is never edited. A published policy carries its own copy of the rules, so a call keeps the
ones it began under, whatever happens to the rows here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy


class Sort(models.TextChoices):
    ADDED = "added", gettext_lazy("Added rule")
    RAISED = "raised", gettext_lazy("Raised level")


class RuleStatus(models.TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    PUBLISHED = "published", gettext_lazy("In force")
    RETIRED = "retired", gettext_lazy("Taken back")
    DISCARDED = "discarded", gettext_lazy("Discarded")


class How(models.TextChoices):
    """How the parts of a rule must be said together."""

    NEAR = "near", gettext_lazy("Near each other, in any order")
    ORDER = "order", gettext_lazy("In this order")
    ANYWHERE = "anywhere", gettext_lazy("Anywhere in what the caller says")


class OwnRuleQuerySet(models.QuerySet["OwnRule"]):
    def in_force(self) -> OwnRuleQuerySet:
        return self.filter(status=RuleStatus.PUBLISHED)

    def drafts(self) -> OwnRuleQuerySet:
        return self.filter(status=RuleStatus.DRAFT)

    def with_people(self) -> OwnRuleQuerySet:
        return self.select_related("drafted_by", "published_by", "retired_by")


class OwnRule(models.Model):
    """One rule that a clinic adds, or one shipped rule whose level it raises.

    `rule` is the id that findings carry: "en.clinic.<slug>" for an added rule, the shipped id for a raised one.
    `parts` are lists of phrases: of each part one must be said.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sort = models.CharField(max_length=6, choices=Sort)
    status = models.CharField(max_length=10, choices=RuleStatus, default=RuleStatus.DRAFT)
    rule = models.CharField(max_length=80)
    title = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    kind = models.CharField(max_length=16, help_text="The level that it finds, a FindingKind")
    reason = models.CharField(max_length=60, blank=True, help_text="What staff read on the alarm")
    parts = models.JSONField(default=list, blank=True)
    how = models.CharField(max_length=8, choices=How, default=How.NEAR)
    unless = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=300, help_text="What the rule rests on")
    fires = models.JSONField(default=list, blank=True, help_text="Sentences that must fire")
    quiet = models.JSONField(default=list, blank=True, help_text="Sentences that must not")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_in = models.PositiveIntegerField(null=True, help_text="Policy version that brought it")
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_in = models.PositiveIntegerField(null=True, help_text="Policy version that is the first without it")

    objects = OwnRuleQuerySet.as_manager()

    class Meta:
        ordering = ["-drafted_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["rule"], condition=Q(status="published"), name="own_rule_once_in_force"),
            models.CheckConstraint(
                condition=~Q(status__in=["published", "retired"])
                | Q(published_by__isnull=False, published_at__isnull=False, published_in__isnull=False),
                name="own_rule_published_stamped",
            ),
            models.CheckConstraint(
                condition=~Q(status="retired")
                | Q(retired_by__isnull=False, retired_at__isnull=False, retired_in__isnull=False),
                name="own_rule_retired_stamped",
            ),
        ]

    def __str__(self) -> str:
        return f"own rule {self.id}"


class Change(models.TextChoices):
    REMOVE = "remove", gettext_lazy("Take the rule back")
    LOWER = "lower", gettext_lazy("Lower its level")


class Decision(models.TextChoices):
    APPROVED = "approved", gettext_lazy("Approved")
    REFUSED = "refused", gettext_lazy("Refused")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")


class RuleChange(models.Model):
    """A request to take a published rule of the clinic back or lower it: it needs a reason and a second person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rule = models.ForeignKey(OwnRule, on_delete=models.PROTECT, related_name="changes")
    change = models.CharField(max_length=6, choices=Change)
    kind = models.CharField(max_length=16, blank=True, help_text="The lower level")
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=9, choices=Decision, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["rule"], condition=Q(decision=""), name="rule_change_one_waits"),
            models.CheckConstraint(
                condition=~Q(decision="approved") | Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by")),
                name="rule_change_second_person",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rule_change_reason_told"),
            models.CheckConstraint(condition=~Q(change="lower") | ~Q(kind=""), name="rule_change_level_told"),
        ]

    def __str__(self) -> str:
        return f"rule change {self.id}"


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """One own rule as a policy version carries it. `when` are patterns of the shipped rule language."""

    sort: str
    id: str
    kind: str
    lang: str = ""
    reason: str = ""
    when: tuple[str, ...] = ()
    near: int = 0
    unless: str = ""
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"when": list(self.when)}


def in_force(carried: Iterable[Mapping[str, Any]]) -> tuple[RuleInForce, ...]:
    """The rules of a policy's column."""
    return tuple(RuleInForce(**{**one, "when": tuple(one["when"])}) for one in carried)
