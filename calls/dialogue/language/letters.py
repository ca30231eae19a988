"""Spelled names: "m a r i a", "M as in Mary", the NATO alphabet, "double l"."""

from __future__ import annotations

from calls.dialogue.language.text import Text

_NATO = {
    word: word[0]
    for word in [
        "alpha",
        "alfa",
        "bravo",
        "charlie",
        "delta",
        "echo",
        "foxtrot",
        "golf",
        "hotel",
        "india",
        "juliet",
        "juliett",
        "kilo",
        "lima",
        "mike",
        "november",
        "oscar",
        "papa",
        "quebec",
        "romeo",
        "sierra",
        "tango",
        "uniform",
        "victor",
        "whiskey",
        "xray",
        "yankee",
        "zulu",
    ]
}
_SPOKEN = {
    "en": {"zee": "z", "zed": "z", "bee": "b", "cee": "c", "dee": "d", "gee": "g", "jay": "j", "kay": "k", "ell": "l",
           "em": "m", "en": "n", "pee": "p", "cue": "q", "ar": "r", "ess": "s", "tee": "t", "vee": "v", "aitch": "h"},
    "es": {"be": "b", "ce": "c", "de": "d", "efe": "f", "ge": "g", "hache": "h", "jota": "j", "ka": "k", "ele": "l",
           "elle": "ll", "eme": "m", "ene": "n", "pe": "p", "cu": "q", "erre": "r", "ere": "r", "ese": "s", "te": "t",
           "uve": "v", "ve": "v", "equis": "x", "ye": "y", "zeta": "z"},
}  # fmt: skip
_AS_IN = (("as", "in"), ("for",), ("like",), ("de",), ("como",), ("as",))
_DOUBLE = frozenset({"double", "doble"})
_LETTER_WORDS = {lang: frozenset({*_DOUBLE, *_NATO, *spoken}) for lang, spoken in _SPOKEN.items()}
MIN_LETTERS = 3


def spelled(text: Text, lang: str) -> tuple[str, int, int] | None:
    """Return the longest spelled run as (letters, start, end) in tokens, or None when fewer than MIN_LETTERS."""
    best: tuple[str, int, int] | None = None
    here, known = 0, _LETTER_WORDS["es" if lang == "es" else "en"]
    while here < len(text):
        if len(text.words[here]) > 1 and text.words[here] not in known:
            here += 1
            continue
        letters, end = _run(text, here, lang)
        if len(letters) >= MIN_LETTERS and (best is None or len(letters) > len(best[0])):
            best = (letters, here, end)
        here = max(end, here + 1)
    return best


def _run(text: Text, start: int, lang: str) -> tuple[str, int]:
    letters, here = "", start
    while here < len(text):
        letter, width = _letter(text, here, lang, inside=bool(letters))
        if not letter:
            break
        letters += letter
        here += width
    return letters, here


def _letter(text: Text, here: int, lang: str, *, inside: bool) -> tuple[str, int]:
    """Return the letter said at token `here` and how many tokens it took; ("", 0) when none was."""
    word = text.words[here]
    if word in _DOUBLE and here + 1 < len(text):
        letter, width = _letter(text, here + 1, lang, inside=True)
        return letter * 2, width + 1
    if len(word) == 1 and word.isalpha():
        for link in _AS_IN:
            after = here + 1 + len(link)
            if text.words[here + 1 : after] == link and after < len(text) and text.words[after][0] == word:
                return word, after + 1 - here
        return word, 1
    if word in _NATO and (inside or _next_is_nato(text, here)):
        return _NATO[word], 1
    spoken = _SPOKEN["es" if lang == "es" else "en"].get(word, "")
    as_in = text.words[here + 1 : here + 3]
    if spoken and word != "de" and len(as_in) == 2 and as_in[0] == "de" and as_in[1][0] == spoken[0]:
        return spoken, 3  # "be de burro"
    if spoken and (inside or _next_is_letter(text, here)):
        return spoken, 1
    return "", 0


def _next_is_nato(text: Text, here: int) -> bool:
    return here + 1 < len(text) and text.words[here + 1] in _NATO


def _next_is_letter(text: Text, here: int) -> bool:
    return here + 1 < len(text) and len(text.words[here + 1]) == 1 and text.words[here + 1].isalpha()
