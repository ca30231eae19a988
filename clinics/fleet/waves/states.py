"""What a change in waves can be, and how a clinic stands with it."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    RUNNING = "running", "Under way"
    HALTED = "halted", "Halted"
    UNDOING = "undoing", "Being taken back"
    DONE = "done", "Everywhere"
    STOPPED = "stopped", "Ended early"
    UNDONE = "undone", "Taken back"


UNFINISHED = (State.RUNNING, State.HALTED, State.UNDOING)


class Standing(models.TextChoices):
    WAITING = "waiting", "Not yet"
    APPLIED = "applied", "In force"
    SAME = "same", "Was so already"
    OWN = "own", "Has chosen otherwise"
    REFUSED = "refused", "Its phase does not allow it"
    CLOSED = "closed", "Suspended"
    UNDONE = "undone", "Taken back"
