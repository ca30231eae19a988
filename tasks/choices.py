"""What a task can be: its kind, its status and how pressing it is."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy


class Kind(models.TextChoices):
    APPOINTMENT = "appointment", gettext_lazy("Appointment")
    CANCEL_APPOINTMENT = "cancel_appointment", gettext_lazy("Cancel appointment")
    CALLBACK = "callback", gettext_lazy("Callback")
    REFILL = "refill", gettext_lazy("Refill")
    TEST_RESULT = "test_result", gettext_lazy("Test result")
    MEDICAL_ADVICE = "medical_advice", gettext_lazy("Medical question")
    GENERAL = "general", gettext_lazy("Question")
    BILLING = "billing", gettext_lazy("Billing")
    HANDOVER = "handover", gettext_lazy("Asked for a person")


class Status(models.TextChoices):
    PENDING = "pending", gettext_lazy("Pending")
    IN_PROGRESS = "in_progress", gettext_lazy("In progress")
    COMPLETED = "completed", gettext_lazy("Completed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


class Priority(models.IntegerChoices):
    """Sorted ascending: the most pressing first."""

    EMERGENCY = 0, gettext_lazy("Emergency")
    HIGH = 1, gettext_lazy("High")
    NORMAL = 2, gettext_lazy("Normal")
    LOW = 3, gettext_lazy("Low")


NOT_EMERGENCY = models.ExpressionWrapper(Q(priority__gt=Priority.EMERGENCY), output_field=models.BooleanField())
