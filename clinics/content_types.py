"""One ContentType cache per schema.

The stock cache is one dict for all threads, and content type ids differ between clinics: under two threads one in
four look-ups returned another clinic's id (django-tenants issue 290). Here entries never cross schemas, so nothing
needs to be cleared when a thread changes its schema.
"""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentTypeManager
from django.db import connection
from django.db.models.signals import post_migrate

_caches: dict[tuple[str, type], dict[str, dict[Any, Any]]] = {}


def _cache_of_schema(manager: ContentTypeManager) -> dict[str, dict[Any, Any]]:
    # Apart per class: migrations have ContentType classes of their own, whose rows must not meet ours.
    return _caches.setdefault((connection.schema_name, manager.model), {})


def _ignore(manager: ContentTypeManager, value: object) -> None:
    """The stock `__init__` assigns a fresh dict; ours is per schema."""


def _keep(manager: ContentTypeManager) -> None:
    """Called by django-tenants inside `DatabaseWrapper.__init__`: touching `connection` here would recurse for ever."""


def _forget(**kwargs: object) -> None:
    _caches.clear()


ContentTypeManager._cache = property(_cache_of_schema, _ignore)
ContentTypeManager.clear_cache = _keep
post_migrate.connect(_forget, weak=False, dispatch_uid="clinics.content_types")
