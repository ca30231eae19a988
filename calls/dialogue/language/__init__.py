"""A caller's words understood by rules, in English and Spanish: no model, no clock, no network."""

from calls.dialogue.language.births import read_birth_date
from calls.dialogue.language.breaking_off import breaks_off
from calls.dialogue.language.corrections import correct
from calls.dialogue.language.keypad import read_digits
from calls.dialogue.language.medications import read_medication
from calls.dialogue.language.names import read_name
from calls.dialogue.language.pharmacies import read_pharmacy
from calls.dialogue.language.phones import read_phone
from calls.dialogue.language.readback import speak_date, speak_number, spell
from calls.dialogue.language.revisions import Revision, only_takes_back, revise, takes_back
from calls.dialogue.language.times import read_time
from calls.dialogue.language.understanding import read_field, understand

__all__ = [
    "Revision",
    "breaks_off",
    "correct",
    "only_takes_back",
    "read_birth_date",
    "read_digits",
    "read_field",
    "read_medication",
    "read_name",
    "read_pharmacy",
    "read_phone",
    "read_time",
    "revise",
    "speak_date",
    "speak_number",
    "spell",
    "takes_back",
    "understand",
]
