"""The regular look at the chains. Each head goes to the operators' log, which the clinic's database cannot change."""

from __future__ import annotations

import logging

from clinics.practice.trail import chain
from clinics.tenancy import each_clinic

logger = logging.getLogger(__name__)


def look_at_trails() -> None:
    """Verify every clinic's chain and write its head, or the first row that is not as it was written, to the log."""
    for clinic in each_clinic():
        found = chain.verify()
        if found.fault is None:
            logger.info("audit head: %s %d %s", clinic.schema_name, found.head.seq, found.head.hash)
        else:
            logger.error("audit chain of %s does not hold: %s", clinic.schema_name, found.fault)
