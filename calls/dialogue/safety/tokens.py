"""Turns what the recogniser wrote into the words that rules are matched on.

Both languages go through one door, because callers mix them: the tables for spelling, fillers and light words are
the union of the rule files. Accents and case are folded, contractions are opened ("can't" is "can not"), light words
("the", "my", "really") are dropped but leave a mark where they open a new thing, and every word keeps its sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from calls.dialogue.safety.cleaning import LINKS, OF, OPENS, OWNS, PLACES, TIES, Spelling, cleaned
from calls.dialogue.safety.counting import joined
from calls.dialogue.safety.folding import STOPS, pieces

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
        self.marks, self.joined = spelling.marks, spelling.spacing.joined
        self.texts: list[str] = []
        self.sentences: list[int] = []
        self.after_comma: set[int] = set()
        self.opened: set[int] = set()
        self.asked: set[int] = set()
        self.within: set[int] = set()
        self.own: set[int] = set()
        self.of: set[int] = set()
        self.tied: set[int] = set()
        self.places = (
            *((OPENS, self.opened), (PLACES, self.within), (OWNS, self.own)),
            *((OF, self.of), (TIES, self.tied)),
        )
        self.sentence = 0
        self.comma = False
        self.marked = 0
        """What the light words since the last word do to the next."""
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
        self.marked &= ~OF
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
        mark = self.marks.get(word)
        if mark is not None:
            self._pass(word, mark)
            return
        texts, passed, comma = self.texts, self.passed, self.comma
        before = texts[-1] if texts and self.sentences[-1] == self.sentence else ""
        if before == word:
            self.comma, self.marked = False, self.marked & OF
            return  # "he he he is not not breathing"
        if passed:
            self.passed = ""
            word = self.joined(passed, word) or word
        elif before and not comma:
            whole = self.joined(before, word)
            if whole:
                texts[-1] = whole
                return
        if self.marked or comma or before in self.spelling.ties:
            self._mark(len(texts), tied=before in self.spelling.ties)
            self.comma, self.marked = False, 0
        texts.append(word)
        self.sentences.append(self.sentence)

    def _pass(self, word: str, mark: int) -> None:
        """A light word is not kept; what it does to the next word is."""
        if (mark | self.marked) & LINKS:
            mark &= ~OPENS  # "del" ties what comes next to what was said
        self.marked = (self.marked & ~OF) | mark
        self.passed = word

    def _mark(self, at: int, *, tied: bool) -> None:
        said = self.marked
        if self.comma:
            self.after_comma.add(at)
        for mark, places in self.places:
            if said & mark:
                places.add(at)
        if tied:
            self.tied.add(at)

    def words(self, fresh: int) -> Words:
        keep, swapped = cleaned(self.texts, self.sentences, self.spelling)
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
