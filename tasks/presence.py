"""Who looks at which task: a key per person that ends by itself 45 seconds after the last sign. Soft: never a lock."""

from __future__ import annotations

import logging
from collections import defaultdict
from uuid import UUID

from django.core.cache import cache
from redis.exceptions import RedisError

from clinics.people.models import User

logger = logging.getLogger(__name__)

SECONDS = 45


def look(person: User, task_id: UUID | None) -> None:
    """Note what a person has open now; None: nothing any more. Without Redis nobody is seen, and that is all."""
    try:
        if task_id is None:
            cache.delete(_key(person.pk))
        else:
            cache.set(_key(person.pk), str(task_id), SECONDS)
    except (RedisError, OSError) as away:
        logger.info("presence not noted: %s", type(away).__name__)


def looking(*, but: User) -> dict[str, list[str]]:
    """The names of the others at each task."""
    names = {_key(user.pk): str(user) for user in User.objects.active().only("id", "name", "email") if user != but}
    try:
        seen = cache.get_many(names)
    except (RedisError, OSError) as away:
        logger.info("presence not known: %s", type(away).__name__)
        return {}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, task_id in seen.items():
        found[task_id].append(names[key])
    return {task_id: sorted(people) for task_id, people in found.items()}


def _key(person: UUID) -> str:
    return f"looking:{person}"
