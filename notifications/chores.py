"""What apps above this one want looked at in every pass of the sweeper: they register it, since imports go down."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)

_chores: dict[str, Callable[[], int]] = {}


def in_every_pass(name: str, act: Callable[[], int]) -> None:
    """Have the sweeper do this in each of its passes. It is safe to do twice and returns how much was done."""
    _chores[name] = act


def do_all() -> int:
    """Do every chore once. One that fails is logged and tried in the next pass; the others are done all the same."""
    done = 0
    for name, act in _chores.items():
        try:
            done += act()
        except (OperationalError, InterfaceError):
            raise  # the database is away, for all of them
        except Exception as error:
            logger.error("the sweeper's chore %s failed: %s", name, type(error).__name__)
    return done
