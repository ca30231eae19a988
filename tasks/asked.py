"""Whom a request was put to by name."""

from __future__ import annotations

from django.db import models
from guardian.models import UserObjectPermissionBase


class AskedDoctor(UserObjectPermissionBase):
    """A doctor a request was put to: django-guardian's table for decisions alone."""

    content_object = models.ForeignKey("tasks.Task", on_delete=models.CASCADE, related_name="asked")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
