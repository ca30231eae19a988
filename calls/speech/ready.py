"""What a process that answers calls loads before the first one, so that no caller pays for it."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connections

from calls.speech import speakers
from clinics.providers.gate import providers
from clinics.providers.models import Capability

logger = logging.getLogger(__name__)


def get_ready() -> None:
    """Load the clients of the speech providers in the table, and connect to the store. Nothing where there are none."""
    try:
        for provider in providers(Capability.SPEECH):
            speakers.load(provider)
    except DatabaseError as fault:  # it starts all the same: the first sentences are then said by the network's voice
        logger.warning("speech providers are not known yet: %s", type(fault).__name__)
    finally:
        connections.close_all()
    if settings.BUCKET:
        default_storage.connection  # noqa: B018  (reading the property makes it)
