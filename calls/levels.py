"""At which level a call is answered: what is there now, or what a test call asks for."""

from __future__ import annotations

from calls.dialogue.levels import Level, level_of
from calls.reasoning.asking import ways_out
from clinics.practice.policies import Policy
from clinics.providers import breakers
from clinics.providers.gate import providers
from clinics.providers.models import Capability
from clinics.tenancy import current_clinic

MENU = "menu"
"""The keypad menu is the house's own: it is always there."""


def able(policy: Policy) -> set[str]:
    """What this clinic can count on now. The table is asked once in a few seconds."""
    found = {MENU} | {Capability.RECOGNITION.value for one in providers(Capability.RECOGNITION)[:1]}
    return found | {Capability.MODEL.value} if _model_helps(policy) else found


def _model_helps(policy: Policy) -> bool:
    """Whether the clinic wants a model's help, has signed with one, and that one answers lately."""
    if not policy.model_helps:
        return False
    return any(breakers.standing(one.provider.key).closed for one in ways_out(current_clinic()))


def level_now(policy: Policy) -> Level:
    """The best level there is for a new call of this clinic."""
    return level_of(able(policy))


def chosen(policy: Policy, wanted: str, *, test: bool) -> Level:
    """The level of a new call; only a test call is answered at the one it asks for."""
    return Level(wanted) if test and wanted in set(Level) else level_now(policy)
