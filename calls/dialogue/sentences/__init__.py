"""The sentences themselves, key -> (English, Spanish): what the phone asks, and what it tells."""

from calls.dialogue.sentences.asking import ASKED
from calls.dialogue.sentences.telling import TOLD

__all__ = ["ASKED", "TOLD"]
