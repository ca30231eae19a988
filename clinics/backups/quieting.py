"""What must be stilled in a clinic that was brought back, so that nobody is told today what happened then.

Imports go down, so the apps above this one say themselves what they have to still.
"""

from __future__ import annotations

from collections.abc import Callable

from clinics.models import Clinic

_shared: dict[str, Callable[[Clinic], int]] = {}
_inside: dict[str, Callable[[], int]] = {}


def still_shared(name: str, act: Callable[[Clinic], int]) -> None:
    """Done in the transaction that writes a clinic's shared rows; returns how much was stilled."""
    _shared[name] = act


def still_inside(name: str, act: Callable[[], int]) -> None:
    """Done inside the clinic's schema before it is served again."""
    _inside[name] = act


def quiet_shared(clinic: Clinic) -> dict[str, int]:
    return {name: act(clinic) for name, act in _shared.items()}


def quiet_inside() -> dict[str, int]:
    return {name: act() for name, act in _inside.items()}
