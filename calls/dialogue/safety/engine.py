"""Judges one utterance by the rules of all languages.

A rule of any language may fire on any caller's words: a Spanish caller says "chest pain" too. What is around the
words (denied, imagined, long ago) lowers or drops a finding; a recogniser that was unsure of itself lowers less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from calls.dialogue.safety.loading import Filed, LanguageRules
from calls.dialogue.safety.matching import Match, Places, matches
from calls.dialogue.safety.mentions import Mention, Span, drop_covered, mentions_of, present
from calls.dialogue.safety.rules import Lasting, Rule
from calls.dialogue.safety.scope import Cue, CueMentions, Doubt, doubts
from calls.dialogue.safety.tokens import Words, tokenise
from calls.dialogue.types import SEVERITY, Finding, FindingKind, Verdict

UNSURE_OF_THE_WORDS = 0.5
LEAST_FOREIGN_WORDS = 2
FEW_WORDS = 4
ASK_WHETHER_NOW = "ask.happening_now"
_DANGER = frozenset({FindingKind.EMERGENCY, FindingKind.CRISIS, FindingKind.URGENT})
_NEVER_SO = frozenset({Doubt.NEGATED, Doubt.GENERAL, Doubt.NOT_A_PERSON})
_NOT_MADE_HARMLESS = frozenset({Cue.FIGURATIVE, Cue.HARMLESS, Cue.DISBELIEF, Cue.CHATTER, Cue.ANY_NEGATION})
_CONFIDENCE_PER_GUESS = 0.8
NOTHING: Mapping[int, list[Mention]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Saw:
    """One thing seen: a finding, or only a reason to ask."""

    finding: Finding | None
    ask: str
    at: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of all languages, as shipped or with a clinic's own added."""

    version: str
    languages: Mapping[str, LanguageRules]


@dataclass(frozen=True, slots=True)
class _Speech:
    """What was heard, read by every language's tables."""

    words: Words
    possible: Mapping[str, list[Filed]]
    """The patterns of each language whose every concept was said somewhere."""
    literal: Mapping[str, Places]
    """The mentions outside of figures of speech."""
    everything: Mapping[str, Places]
    """All mentions: a rule's exceptions may stand inside a figure of speech."""
    cues: Mapping[str, CueMentions]
    """The cues that each language's rules go by: its own for the caller's language, all for a guest."""
    strange: frozenset[str]
    """The languages whose patterns are possible, but that hardly a word is of: one word alike ("graves") is no danger
    in them."""
    unsure: bool


def judge(
    rules: RuleSet, words: str, *, lang: str, confidence: float | None, earlier: Sequence[str], asked: str
) -> Verdict:
    """The verdict on one utterance. `lang` decides whose rules come first, never whose apply."""
    home = rules.languages[lang] if lang in rules.languages else next(iter(rules.languages.values()))
    order = [home, *(one for one in rules.languages.values() if one is not home)]
    speech = _listen(order, words, "", confidence)
    if not len(speech.words):
        return Verdict(version=rules.version)
    seen = _look_at(speech, order)
    if earlier:
        # What was said before can complete a danger, never take one away, so it is judged apart from the words alone.
        seen.extend(_look_at(_listen(order, words, " , ".join(earlier[-2:]), confidence), order))
    seen.extend(_answer(order, speech, asked))
    seen.extend(_worse(rules, speech, lang, earlier))
    return _verdict(seen, rules.version)


def _look_at(speech: _Speech, order: Sequence[LanguageRules]) -> list[Saw]:
    dismissed: set[str] = set()
    possible = [language for language in order if speech.possible[language.lang]]
    return [saw for language in possible for saw in _look(language, speech, dismissed)]


def _listen(order: Sequence[LanguageRules], text: str, earlier: str, confidence: float | None) -> _Speech:
    words = tokenise(text, order[0].spelling, earlier)
    # What is nearly or sounds like a foreign word is a word of one's own: only the caller's language may guess.
    spans = {one.lang: one.phrases.find(words, one.lexicon, guessing=one is order[0]) for one in order}
    heard = {one.lang: mentions_of(one.listened_for, spans[one.lang]) for one in order}
    own = [_cues(language, heard[language.lang]) for language in order]
    everybody = _together(own)
    figurative = everybody[Cue.FIGURATIVE]
    literal = {lang: drop_covered(one, figurative) for lang, one in spans.items()} if figurative else spans
    possible = {one.lang: _possible(one, present(literal[one.lang])) for one in order}
    return _Speech(
        words=words,
        possible=possible,
        literal={lang: _places(_needed(possible[lang]), one) for lang, one in literal.items()},
        everything={
            one.lang: _places(_mattering(possible[one.lang]), spans[one.lang], heard[one.lang]) for one in order
        },
        cues={language.lang: own[0] if language is order[0] else everybody for language in order},
        strange=frozenset(one.lang for one in order[1:] if possible[one.lang] and not _is_spoken(one, order[0], words)),
        unsure=confidence is not None and confidence < UNSURE_OF_THE_WORDS,
    )


def _places(wanted: int, spans: Sequence[Span], heard: Mapping[int, list[Mention]] = NOTHING) -> Places:
    """The mentions of what is wanted, mostly nothing, and those that were heard already."""
    return Places({**mentions_of(wanted, spans), **heard} if wanted else heard)


def _together(own: Sequence[CueMentions]) -> CueMentions:
    everybody = CueMentions()
    for cues in own:
        for cue, mentions in cues.items():
            everybody[cue] = everybody[cue] + mentions
    return everybody


def _is_spoken(guest: LanguageRules, home: LanguageRules, words: Words) -> bool:
    """Whether two words, or one in a few, are of the guest language alone."""
    theirs, ours = guest.lexicon.sure_readings, home.lexicon.sure_readings
    foreign = sum(1 for text in words.texts if theirs(text) and not ours(text))
    return foreign >= LEAST_FOREIGN_WORDS or foreign * FEW_WORDS >= len(words) > 0


def _possible(language: LanguageRules, said: int) -> list[Filed]:
    """The patterns whose every concept was said somewhere."""
    found: list[Filed] = []
    anchors = said & language.anchors
    while anchors:
        lowest = anchors & -anchors
        anchors ^= lowest
        found.extend(one for one in language.by_anchor[lowest.bit_length() - 1] if one.needs & said == one.needs)
    return found


def _needed(possible: Sequence[Filed]) -> int:
    needed = 0
    for one in possible:
        needed |= one.needs
    return needed


def _mattering(possible: Sequence[Filed]) -> int:
    """What the exceptions of the possible patterns are looked for in, and what patterns said again are."""
    mattering = 0
    for one in possible:
        mattering |= one.excuses
        if one.pattern.alone:
            mattering |= one.needs
    return mattering


def _cues(language: LanguageRules, heard: Mapping[int, list[Mention]]) -> CueMentions:
    """The cues of one language, without those inside a phrase that makes them harmless ("don't know")."""
    cues = CueMentions()
    for concept, mentions in heard.items():
        cue = language.cues.get(concept)
        if cue is not None:
            cues[cue] = [one for one in mentions if not one.doubt]
    if Cue.NEGATION in cues:
        cues[Cue.ANY_NEGATION] = list(cues[Cue.NEGATION])
    if cues[Cue.HARMLESS]:
        for cue in cues.keys() - _NOT_MADE_HARMLESS:
            cues[cue] = drop_covered(cues[cue], cues[Cue.HARMLESS])
    return cues


def _look(language: LanguageRules, speech: _Speech, dismissed: set[str]) -> list[Saw]:
    """What one language's rules see. `dismissed` gathers topics whose words were there but no danger.

    The languages share words ("meningitis"), but only the caller's own language knows their surroundings.
    """
    places, strange = speech.literal[language.lang], language.lang in speech.strange
    seen: list[Saw] = []
    considered: set[str] = set()
    settled: set[str] = set()
    for filed in speech.possible[language.lang]:
        rule = filed.rule
        if rule.id in settled or filed.topic in dismissed or (strange and rule.kind in _DANGER):
            continue
        for match in matches(filed.pattern, places, speech.words):
            if rule.heeds or rule.unless:
                considered.add(filed.topic)
            saw = _try(rule, match, speech, language)
            if saw is None:
                continue
            seen.append(saw)
            if _is_plain(saw, rule):
                settled.add(rule.id)  # nothing can be seen of this rule that says more
                break
    dismissed |= considered
    return seen


def _is_plain(saw: Saw, rule: Rule) -> bool:
    return saw.finding is not None and saw.finding.kind is rule.kind and saw.finding.confidence == 1.0


def _try(rule: Rule, match: Match, speech: _Speech, language: LanguageRules) -> Saw | None:
    if speech.words.fresh and not match.start < speech.words.fresh < match.end:
        return None  # all in one turn, and judged with that turn alone
    everything, cues = speech.everything[language.lang], speech.cues[language.lang]
    if match.alone and not _is_all_that_was_said(match, speech.words, everything, cues):
        return None
    if match.doubt and not speech.unsure and match.doubt >= len(match.mentions):
        return None  # every word would be a guess
    if _excused(rule, match, everything, speech.words):
        return None
    doubted = doubts(match, speech.words, cues) & rule.heeds
    return _weigh(rule, match, doubted, speech)


def _is_all_that_was_said(match: Match, words: Words, places: Places, cues: CueMentions) -> bool:
    """Whether the rest is only chatter ("please, my mother"), or the same thing said again."""
    again = (one for mention in match.mentions for one in places.of(mention.concept))
    covered = {at for one in (*cues[Cue.CHATTER], *again) for at in range(one.start, one.end)}
    return all(match.uses(at) or at in covered for at in range(words.fresh, len(words)))


def _excused(rule: Rule, match: Match, places: Places, words: Words) -> bool:
    """Whether one of the rule's own exceptions stands close: "can't breathe" through the nose."""
    return any(
        not one.doubt  # what an exception only sounds like takes no danger away
        and not all(match.uses(at) for at in range(one.start, one.end))
        and words.sentences[one.start] == words.sentences[match.start]
        for concept in rule.unless
        for one in places.between(concept, match.start - 6, match.end + 5)
    )


def _weigh(rule: Rule, match: Match, doubted: frozenset[str], speech: _Speech) -> Saw | None:
    """What is left of a match when the words around it have had their say."""
    if doubted & _NEVER_SO:
        return None
    kind, ask = rule.kind, rule.ask
    if not speech.unsure:
        kind, ask = _lowered(rule, doubted)
    if kind is None:
        return Saw(None, ask, match.start) if ask else None
    sure = _CONFIDENCE_PER_GUESS ** (match.doubt + any(match.uses(at) for at in speech.words.misheard))
    return Saw(Finding(kind, rule.id, rule.reason, rule.source, round(sure, 2), rule.own), ask, match.start)


def _lowered(rule: Rule, doubted: frozenset[str]) -> tuple[FindingKind | None, str]:
    dangerous = rule.kind in _DANGER
    ask_now = rule.ask or (ASK_WHETHER_NOW if dangerous else "")
    if Doubt.PAST in doubted:
        return (FindingKind.URGENT, rule.ask) if rule.lasting is Lasting.ALWAYS and dangerous else (None, "")
    if Doubt.IMAGINED in doubted:
        return None, ask_now
    over = {Lasting.NOW: {Doubt.RECENT, Doubt.CHRONIC}, Lasting.TODAY: {Doubt.WEEKS_AGO}}
    if dangerous and doubted & over.get(rule.lasting, set()):
        return FindingKind.URGENT, ask_now
    return rule.kind, rule.ask


def _answer(order: Sequence[LanguageRules], speech: _Speech, asked: str) -> Iterable[Saw]:
    """A yes to the question the phone asked is a finding, "I don't know" is urgent, a no is nothing."""
    question = order[0].questions.get(asked)
    if question is None:
        return
    said = {
        name
        for language in order
        for name, concept in language.answers.items()
        if speech.everything[language.lang].of(concept)
    }
    if "answer_yes" in said and "answer_not_yes" not in said:
        kind = question.kind
    elif "answer_unsure" in said:
        kind = FindingKind.URGENT
    else:
        return
    rule = f"{order[0].lang}.answered.{asked.removeprefix('ask.')}"
    yield Saw(Finding(kind, rule, question.reason, question.source), "", 0)


def _worse(rules: RuleSet, speech: _Speech, lang: str, earlier: Sequence[str]) -> Iterable[Saw]:
    """ "It is getting worse", after a danger named in an earlier turn, raises that danger."""
    if not earlier:
        return
    if not any(speech.everything[lang].of(one.concepts["worse"]) for lang, one in rules.languages.items()):
        return
    before = judge(rules, " , ".join(earlier[-2:]), lang=lang, confidence=None, earlier=(), asked="").worst
    if before is not None and before.kind in _DANGER:
        kind = FindingKind.CRISIS if before.kind is FindingKind.CRISIS else FindingKind.EMERGENCY
        yield Saw(replace(before, kind=kind), "", 0)


def _verdict(seen: Sequence[Saw], version: str) -> Verdict:
    best: dict[str, tuple[int, int, Finding]] = {}
    asks = [saw.ask for saw in seen if saw.ask]
    for saw in seen:
        if saw.finding is None:
            continue
        entry = (SEVERITY.index(saw.finding.kind), saw.at, saw.finding)
        kept = best.get(saw.finding.rule)
        if kept is None or entry[:2] < kept[:2]:
            best[saw.finding.rule] = entry
    findings = tuple(entry[2] for entry in sorted(best.values(), key=lambda entry: (entry[0], entry[1], entry[2].rule)))
    severe = any(found.kind in (FindingKind.EMERGENCY, FindingKind.CRISIS) for found in findings)
    return Verdict(findings, "" if severe or not asks else asks[0], version)
