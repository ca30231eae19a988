"""The dead man's switch: somebody outside hears that all is well, and raises the alarm when that stops.

Incidents are told by the same processes that may be the trouble. So as long as a worker has delivered a canary lately
and a sweeper passes, an address of a service that notices silence is asked, such as one of healthchecks.io.
"""

from __future__ import annotations

import logging
import time

import requests
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from notifications.models import Heartbeat
from notifications.network import CONNECT_SECONDS, READ_SECONDS, refuse_in_transaction
from notifications.watching.policy import LIMITS

logger = logging.getLogger(__name__)

PING_SECONDS = 60.0
"""How often; with a grace of twice that at the service, silence is noticed within three minutes (RELIABILITY, T8)."""


class Switch:
    """Says that all is well once in `PING_SECONDS`, from whichever process holds it."""

    def __init__(self) -> None:
        self._due = 0.0

    def tend(self) -> int:
        """Ask the service when it is time and all is well. Returns how often it was told, 0 or 1."""
        if not settings.HEARTBEAT_URL or time.monotonic() < self._due:
            return 0
        self._due = time.monotonic() + PING_SECONDS
        return int(all_is_well() and _told())


def all_is_well() -> bool:
    """Whether worker and sweeper have proved that they work, both within the limits of an incident."""
    seen = Heartbeat.objects.annotate(age=Now() - F("at")).values_list("name", "age")
    ages = {name: age.total_seconds() for name, age in seen}
    return all(ages.get(name, LIMITS[name].value) < LIMITS[name].value for name in ("worker", "sweeper"))


def _told() -> bool:
    refuse_in_transaction()
    try:
        answer = requests.get(
            settings.HEARTBEAT_URL, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, stream=True
        )
        answer.close()
    except requests.RequestException as failure:  # its words may hold the address, which is the service's password
        logger.warning("the dead man's switch was not reached: %s", type(failure).__name__)
        return False
    if answer.status_code >= 300:
        logger.warning("the dead man's switch answered %d", answer.status_code)
    return answer.status_code < 300
