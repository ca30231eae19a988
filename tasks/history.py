"""What people did to a task, one row a change: its history, and what undo puts back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

WORDS = {
    "claim": gettext_lazy("Claimed"),
    "release": gettext_lazy("Put back"),
    "assign": gettext_lazy("Handed over"),
    "snooze": gettext_lazy("Snoozed"),
    "wake": gettext_lazy("Brought back"),
    "complete": gettext_lazy("Completed"),
    "cancel": gettext_lazy("Closed as not needed"),
    "reopen": gettext_lazy("Reopened"),
    "undo": gettext_lazy("Undone"),
}


class Deed(models.Model):
    """One change of a task by a person. Append-only but for `undone_at`.

    `version` is the one that it made; `before` holds the columns that it changed as they were, ids and times only.
    """

    task = models.ForeignKey("tasks.Task", on_delete=models.CASCADE, related_name="deeds")
    verb = models.CharField(max_length=12)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField()
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["task", "version"], name="deed_once_per_version")]

    def __str__(self) -> str:
        return f"{self.verb} of {self.task_id}"

    @property
    def words(self) -> str:
        """The deed as a timeline says it."""
        return WORDS.get(self.verb, self.verb)


def as_it_was(task: models.Model, changes: Mapping[str, object]) -> dict[str, str | None]:
    """The columns that are about to change, as JSON holds them."""
    columns = {task._meta.get_field(name).attname for name in changes}
    values = {column: getattr(task, column) for column in columns}
    return {
        column: value.isoformat() if isinstance(value, datetime) else None if value is None else str(value)
        for column, value in values.items()
    }
