"""Turns what the recogniser wrote into the words that rules are matched on.

Both languages go through one door, because callers mix them: the tables for spelling, fillers and light words are
the union of the rule files. Accents and case are folded, contractions are opened ("can't" is "can not"), light words
("the", "my", "really") are dropped but leave a mark where they open a new thing, and every word keeps its sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from calls.dialogue.safety.counting import joined
from calls.dialogue.safety.folding import STOPS, pieces
from calls.dialogue.safety.spacing import AS_WRITTEN, Spacing

JUDGED_CHARACTERS = 4000
"""Longer speech is judged by its two ends: an emergency is said first, or it is what the caller ends on."""

JUDGED_WORDS = 600

_SENTENCE_END = frozenset(".?!")
_SUFFIXES = (
    ("n't", "not"),
    ("'re", "are"),
    ("'ve", "have"),
    ("'ll", "will"),
    ("'m", "am"),
    ("'d", "would"),
    ("'s", "is"),
)
_TITLES = frozenset({"dr", "dra", "mr", "mrs", "ms", "prof", "sr", "sra", "srta"})
"""A full stop behind one of these ends no sentence: "Mr. Miller has collapsed"."""
_MARKS = ("after_comma", "opened", "within", "own", "of", "tied")
_ODD_CONTRACTIONS = {
    "can't": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "let's": ("let", "us"),
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """How words are cleaned before matching, gathered from the rule files of all languages."""

    expands: Mapping[str, tuple[str, ...]]
    """One heard word that stands for several or another: "dont" -> do not, "heartattack" -> heart attack."""
    misheard: Mapping[tuple[str, ...], tuple[str, ...]]
    """Phrases a recogniser writes for other phrases: "chess pain" -> chest pain."""
    fillers: frozenset[tuple[str, ...]]
    cleaned: frozenset[str]
    """The words that a filler or a misheard phrase begins with: no other word needs a second look."""
    light: frozenset[str]
    openers: frozenset[str]
    """Light words that begin a new thing ("my"): after "and" they end a negation."""
    links: frozenset[str]
    """Light words that tie what comes next to what was said ("del"): with one before it an opener begins nothing."""
    within: frozenset[str]
    """Light words that make what comes next a place ("en la película")."""
    own: frozenset[str]
    """Light words that make what comes next the caller's ("mi hijo")."""
    of: frozenset[str]
    """Light words that may make a time of what comes next ("de niña", "in the eighties")."""
    ties: frozenset[str]
    """Words behind which no statement begins although somebody and a verb follow ("if my husband is", "think that")."""
    passing: frozenset[str]
    """Words that may stand inside a phrase without breaking it: "can't wake her up"."""
    numbers: Mapping[str, int]
    """The words of whole numbers."""
    spacing: Spacing = AS_WRITTEN


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one utterance, in parallel tuples. `fresh` is the first word that this utterance contributed."""

    texts: tuple[str, ...]
    sentences: tuple[int, ...]
    after_comma: frozenset[int]
    opened: frozenset[int]
    asked: frozenset[int]
    """Sentences that end in a question mark."""
    misheard: frozenset[int]
    within: frozenset[int]
    """Words behind an "en"."""
    own: frozenset[int]
    """Words behind a "mi"."""
    of: frozenset[int]
    """Words right behind a "de" or a "the"."""
    tied: frozenset[int] = frozenset()
    """Words behind an "if" or a "that", which belong to what was said before."""
    begun: frozenset[int] = frozenset()
    """Words that begin a statement about somebody where no comma was heard."""
    fresh: int = 0

    def __len__(self) -> int:
        return len(self.texts)

    def begins(self, since: int, until: int) -> bool:
        """Whether a statement about somebody begins between two words."""
        return any(since <= at < until for at in self.begun)


def both_ends(text: str) -> str:
    """Cuts the middle out of very long speech, with a full stop where the cut is."""
    if len(text) <= JUDGED_CHARACTERS:
        return text
    half = JUDGED_CHARACTERS // 2
    return f"{text[:half]} . {text[-half:]}"


def tokenise(text: str, spelling: Spelling, earlier: str = "") -> Words:
    """The words of `earlier` and `text` as one stretch of speech; `fresh` marks where `text` begins."""
    reader = _Reader(spelling)
    if earlier:
        reader.read(both_ends(earlier), closing=False)
    fresh_at = len(reader.texts)
    reader.read(both_ends(text), closing=True)
    return reader.words(fresh_at)


class _Reader:
    """Collects words while walking the pieces of a text once."""

    def __init__(self, spelling: Spelling) -> None:
        self.spelling = spelling
        self.light, self.joined = spelling.light, spelling.spacing.joined
        self.texts: list[str] = []
        self.sentences: list[int] = []
        self.after_comma: set[int] = set()
        self.opened: set[int] = set()
        self.asked: set[int] = set()
        self.within: set[int] = set()
        self.own: set[int] = set()
        self.of: set[int] = set()
        self.tied: set[int] = set()
        self.sentence = 0
        self.comma = False
        self.opening = self.linked = self.placing = self.owning = self.tying = False
        self.passed = ""
        """The light word just before, which may be the beginning of the next: "un conscious"."""

    def read(self, text: str, *, closing: bool) -> None:
        expands, known = self.spelling.expands, self.spelling.spacing.known
        for piece in pieces(text):
            if piece[0] in STOPS:
                self._stop(piece)
            elif piece in expands or "'" in piece:
                for word in self._open(piece):
                    self._add(word)
            elif piece in known or piece[0].isdecimal():
                self._add(piece)
            else:
                # A word of no language here: it may be two.
                for part in self.spelling.spacing.parted(piece) or (piece,):
                    self._add(part)
        if not closing:
            # A turn that ended early is not a sentence that ended: the next words go on where it stopped.
            self.sentence = self.sentences[-1] if self.sentences else 0
            self.comma = True

    def _stop(self, piece: str) -> None:
        if piece == "." and self.texts and self.texts[-1] in _TITLES:
            return
        self.comma, self.passed = True, ""
        if _is_pause(piece) or not self.sentences or self.sentences[-1] != self.sentence:
            return
        if "?" in piece:
            self.asked.add(self.sentence)
        self.sentence += 1

    def _open(self, piece: str) -> tuple[str, ...]:
        expands = self.spelling.expands
        if piece in expands:
            return expands[piece]
        if piece in _ODD_CONTRACTIONS:
            return _ODD_CONTRACTIONS[piece]
        for suffix, word in _SUFFIXES:
            if piece.endswith(suffix) and len(piece) > len(suffix):
                return (*expands.get(piece[: -len(suffix)], (piece[: -len(suffix)],)), word)
        return (piece.replace("'", ""),)

    def _add(self, word: str) -> None:
        if word in self.light:
            self.linked = self.linked or word in self.spelling.links
            self.opening = self.opening or (word in self.spelling.openers and not self.linked)
            self.placing = self.placing or word in self.spelling.within
            self.owning = self.owning or word in self.spelling.own
            self.tying = self.tying or word in self.spelling.ties
            self.passed = word
            return
        before = self.texts[-1] if self.texts and self.sentences[-1] == self.sentence else ""
        if before == word:
            self.comma = self.opening = self.linked = self.placing = self.owning = self.tying = False
            return  # "he he he is not not breathing"
        passed, self.passed = self.passed, ""
        if passed:
            word = self.joined(passed, word) or word
        elif before and not self.comma:
            whole = self.joined(before, word)
            if whole:
                self.texts[-1] = whole
                return
        if self.comma:
            self.after_comma.add(len(self.texts))
        of = passed in self.spelling.of
        marks = ((self.opening, self.opened), (self.placing, self.within), (self.owning, self.own), (of, self.of))
        for said, places in marks:
            if said:
                places.add(len(self.texts))
        if self.tying or before in self.spelling.ties:
            self.tied.add(len(self.texts))
        self.comma = self.opening = self.linked = self.placing = self.owning = self.tying = False
        self.texts.append(word)
        self.sentences.append(self.sentence)

    def words(self, fresh: int) -> Words:
        mended = (self.spelling.cleaned, self.spelling.numbers.keys())
        if len(self.texts) <= JUDGED_WORDS and all(words.isdisjoint(self.texts) for words in mended):
            return self._as_heard(fresh)
        keep, swapped = _clean(self.texts, self.sentences, self.spelling)
        keep = _bounded(joined(keep, self.sentences, self.spelling.numbers))
        if len(keep) == len(self.texts) and not swapped:
            return self._as_heard(fresh)
        place = {old: new for new, (old, _) in reversed(list(enumerate(keep)))}
        heard, end = self._as_heard(fresh), len(self.texts)
        marks = {name: frozenset(_moved(getattr(heard, name), place, end)) for name in _MARKS}
        return replace(
            heard,
            texts=tuple(text for _, text in keep),
            sentences=tuple(self.sentences[old] for old, _ in keep),
            misheard=frozenset(new for new, (old, _) in enumerate(keep) if old in swapped),
            fresh=next((new for new, (old, _) in enumerate(keep) if old >= fresh), len(keep)),
            **marks,
        )

    def _as_heard(self, fresh: int) -> Words:
        """The words where none is left out or put right."""
        return Words(
            texts=tuple(self.texts),
            sentences=tuple(self.sentences),
            after_comma=frozenset(self.after_comma),
            opened=frozenset(self.opened),
            asked=frozenset(self.asked),
            misheard=frozenset(),
            within=frozenset(self.within),
            own=frozenset(self.own),
            of=frozenset(self.of),
            tied=frozenset(self.tied),
            fresh=fresh,
        )


def _is_pause(stop: str) -> bool:
    """Whether a sentence goes on behind it. So it does behind "...": who gasps for air says "I can't... breathe"."""
    return _SENTENCE_END.isdisjoint(stop) or (len(stop) > 1 and set(stop) <= {".", "…"})


def _clean(texts: list[str], sentences: list[int], spelling: Spelling) -> tuple[list[tuple[int, str]], set[int]]:
    """Drops fillers and puts right what the recogniser is known to mishear; keeps each word's old place."""
    keep: list[tuple[int, str]] = []
    swapped: set[int] = set()
    at = 0
    while at < len(texts):
        if texts[at] not in spelling.cleaned:
            keep.append((at, texts[at]))
            at += 1
            continue
        for length in (4, 3, 2, 1):
            phrase = tuple(texts[at : at + length])
            if len(phrase) < length:
                continue
            if phrase in spelling.fillers:
                at += length
                break
            meant = spelling.misheard.get(phrase)
            if meant is not None and sentences[at] == sentences[at + length - 1]:
                keep.extend((at, word) for word in meant)
                swapped.update(range(at, at + length))
                at += length
                break
        else:
            keep.append((at, texts[at]))
            at += 1
    return keep, swapped


def _bounded(keep: list[tuple[int, str]]) -> list[tuple[int, str]]:
    if len(keep) <= JUDGED_WORDS:
        return keep
    half = JUDGED_WORDS // 2
    return keep[:half] + keep[-half:]


def _moved(marks: frozenset[int], place: dict[int, int], end: int) -> set[int]:
    """Marks follow their word; the mark of a dropped filler goes to the next word that stayed."""
    moved = set()
    for mark in marks:
        at = mark
        while at < end and at not in place:
            at += 1
        if at in place:
            moved.add(place[at])
    return moved
