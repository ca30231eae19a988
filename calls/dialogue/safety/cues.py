"""What may stand around a danger and change what it means: the cue concepts of the rule files, by name."""

from __future__ import annotations

from enum import StrEnum

from calls.dialogue.safety.mentions import Span


class Cue(StrEnum):
    """The cue concepts of a rule file's `cues` section, by name."""

    NEGATION = "negation"
    ANY_NEGATION = "any_negation"
    """Every negation, harmless ones too; not written in the rule files."""
    DENIER = "denier"
    """A word that denies the verb behind it: "not", "nunca"."""
    DENIER_BESIDE = "denier_beside"
    """One that does so only before an auxiliary: "no se ha caído" denies a fall, "no insulin" names what is missing."""
    AUXILIARY = "auxiliary"
    """What may stand between a denier and its verb: "been", "se", "ha"."""
    DENIED_AFTER = "denied_after"
    DISBELIEF = "disbelief"
    BREAKER = "breaker"
    SUBJECT = "subject"
    CLAUSE = "clause"
    """A verb that begins a statement where no subject is said: "no tengo fiebre, me duele el pecho"."""
    AND = "and"
    OR = "or"
    IF = "if"
    WHETHER = "whether"
    """An if that is one only where it opens what is said and something follows from it: "si" is "sí" too."""
    THEN = "then"
    """What follows from an if: "llamo", "se debe", "te mueres"."""
    NEARLY = "nearly"
    """What did not come to pass: "por poco" lo atropellan."""
    TOLD = "told"
    """Opens what is told of a film or a story: "in the last scene", "a movie where"."""
    TELLER = "teller"
    """Who tells it: where "I" is said behind the story, it is about the caller again."""
    TOLD_AFTER = "told_after"
    """Says behind what is told where it happens: "in the opera's last act"."""
    GAME = "game"
    """What nobody has but in a game: "healing potion"."""
    SAID_AS = "said_as"
    """Asks for the words of another language, and `in_language` names it: "how do you say" ... "in Norwegian"."""
    IN_LANGUAGE = "in_language"
    TAKEN_BACK = "taken_back"
    """Takes the word before it back: "carbon monoxide, no, carbon copy"."""
    EVER = "ever"
    ASKS_YOU = "asks_you"
    """What a question to the one who listens begins with: "have you", "te duele"."""
    GENERAL = "general"
    GENERAL_AFTER = "general_after"
    ANIMAL = "animal"
    THING = "thing"
    """What falls, chokes or does not answer without anybody being hurt: "se cayó el árbol"."""
    PERSON = "person"
    ATTACKS = "attacks"
    FALLS = "falls"
    """What makes the thing behind it the one that fell, though people fall from it too: a tree."""
    HURTS = "hurts"
    """What makes a thing a danger to people: "encima", "explotó", "fuego"."""
    FAR_PAST = "far_past"
    RECENT_PAST = "recent_past"
    WEEKS_PAST = "weeks_past"
    HAD = "had"
    OVER = "over"
    CHRONIC = "chronic"
    NOW = "now"
    PRESENT = "present"
    """Words that say a clause is of this moment: "he was operated yesterday and his neck is swelling"."""
    HARMLESS = "harmless"
    """Phrases whose cue words are none: "don't know", "no doubt", "not only"."""
    FIGURATIVE = "figurative"
    CHATTER = "chatter"


class CueMentions(dict[Cue, list[Span]]):
    """Where each cue was said. Few are in one utterance, and one that was not said is nowhere."""

    def __missing__(self, cue: Cue) -> list[Span]:
        return []
