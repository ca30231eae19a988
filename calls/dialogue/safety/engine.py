"""Judges one utterance by the rules of all languages.

A rule of any language may fire on any caller's words: a Spanish caller says "chest pain" too. What is around the
words (denied, imagined, long ago) lowers or drops a finding; a recogniser that was unsure of itself lowers less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from calls.dialogue.safety.cues import Cue, CueMentions
from calls.dialogue.safety.folding import in_one_breath
from calls.dialogue.safety.lexicon import Lexicon
from calls.dialogue.safety.listening import Speech, listen, listen_across
from calls.dialogue.safety.loading import LanguageRules
from calls.dialogue.safety.matching import Match, Places, matches
from calls.dialogue.safety.mentions import LONE_REACH, Span
from calls.dialogue.safety.rules import DANGER, Lasting, Rule
from calls.dialogue.safety.scope import NEVER_SO, Doubt, doubts, is_stated
from calls.dialogue.safety.second_ear import Doubted, added, alarms
from calls.dialogue.safety.seen import ASK_WHETHER_NOW, Saw, verdict_of
from calls.dialogue.safety.telling import anew, set_off, taken_back
from calls.dialogue.safety.tokens import Words
from calls.dialogue.types import ESCALATES_NOW, Finding, FindingKind, Verdict

_CONFIDENCE_PER_GUESS = 0.8
_ENOUGH = 3
"""Behind so many plain emergencies a further one changes nothing; nobody says as much, it bounds long speech."""
_UNNAMED = (Cue.TELLER, Cue.SUBJECT, Cue.CLAUSE, Cue.ANYBODY)
"""Who is spoken of without a name or a word for who it is: "he", "me", "you"."""
_NO_MORE = frozenset({FindingKind.EMERGENCY, FindingKind.URGENT, None})
"""What need not be looked for behind `_ENOUGH`; a crisis is still news, and so is who asks for a person."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of all languages, as shipped or with a clinic's own added."""

    version: str
    languages: Mapping[str, LanguageRules]


def judge(
    rules: RuleSet, words: str, *, lang: str, confidence: float | None, earlier: Sequence[str], asked: str
) -> Verdict:
    """The verdict on one utterance. `lang` decides whose rules come first, never whose apply."""
    home = rules.languages[lang] if lang in rules.languages else next(iter(rules.languages.values()))
    order = [home, *(one for one in rules.languages.values() if one is not home)]
    speech = listen(order, words, confidence)
    if not len(speech.words):
        return Verdict(version=rules.version)
    look = _look_at(speech, order)
    seen = look.seen
    if earlier:
        # What was said before can complete a danger, never take one away, so it is judged apart from the words alone.
        together = listen_across(order, words, " , ".join(earlier[-2:]), confidence)
        seen.extend(_look_at(together, order).seen if together else ())
    seen.extend(_answer(order, speech, asked))
    seen.extend(_worse(rules, speech, lang, earlier))
    if not any(alarms(saw) for saw in seen) and (gasped := in_one_breath(words)):
        seen.extend(_look_at(listen(order, gasped, confidence), order).seen)
    if not any(alarms(saw) for saw in seen):
        seen.extend(added(home, speech, look.excused, look.doubted, look.denied))
    return verdict_of(seen, rules.version)


@dataclass(slots=True)
class _Look:
    """One look at an utterance with the rules of all languages."""

    seen: list[Saw] = field(default_factory=list)
    excused: list[Saw] = field(default_factory=list)
    """What would alarm, had no exception of its rule stood close."""
    doubted: list[Doubted] = field(default_factory=list)
    """What would alarm, had the words around it not put it in doubt."""
    denied: set[int] = field(default_factory=set)
    """The words of dangers that were denied."""
    dismissed: set[str] = field(default_factory=set)
    """Topics whose words were there but no danger."""
    plain: set[str] = field(default_factory=set)
    """The emergencies that nothing around the words puts in doubt."""


def _look_at(speech: Speech, order: Sequence[LanguageRules]) -> _Look:
    look = _Look()
    for language in order:
        if speech.possible[language.lang]:
            _look(language, speech, look)
    return look


def _look(language: LanguageRules, speech: Speech, look: _Look) -> None:
    """Look with one language's rules.

    The languages share words ("meningitis"), but only the caller's own language knows their surroundings.
    """
    places = speech.literal[language.lang]
    considered: set[str] = set()
    settled: set[str] = set()
    for filed in speech.possible[language.lang]:
        rule = filed.rule
        if rule.id in settled or filed.topic in look.dismissed:
            continue
        if len(look.plain) >= _ENOUGH and rule.kind in _NO_MORE:
            continue
        for match in matches(filed.pattern, places, speech.words):
            if rule.heeds or rule.unless:
                considered.add(filed.topic)
            saw = _try(rule, match, speech, language, look)
            if saw is None:
                continue
            look.seen.append(saw)
            if _is_plain(saw, rule):
                settled.add(rule.id)  # nothing can be seen of this rule that says more
                if rule.kind is FindingKind.EMERGENCY:
                    look.plain.add(rule.id)
                break
    look.dismissed |= considered


def _is_plain(saw: Saw, rule: Rule) -> bool:
    return saw.finding is not None and saw.finding.kind is rule.kind and saw.finding.confidence == 1.0


def _try(rule: Rule, match: Match, speech: Speech, language: LanguageRules, look: _Look) -> Saw | None:
    if speech.words.fresh and not match.start < speech.words.fresh < match.end:
        return None  # all in one turn, and judged with that turn alone
    everything = speech.everything[language.lang]
    if match.alone and not _is_all_that_was_said(match, speech.words, everything, speech.cues[language.lang]):
        return None
    if match.doubt and not speech.unsure and not _is_borne_out(match, speech.words, language.lexicon):
        return None
    cues = speech.cues_near(match, language.lang)
    excused = _excused(rule, match, everything, speech.words, cues)
    if (excused and match.doubt) or taken_back(match, speech.words, cues, everything):
        return None
    doubted = doubts(match, speech.words, cues, rule.heeds)
    saw = _weigh(rule, match, doubted, speech)
    if not match.doubt and rule.kind in ESCALATES_NOW:
        if saw is not None and alarms(saw):
            look.excused.extend([saw] if excused else ())
        elif not excused and (undoubted := _weigh(rule, match, frozenset(), speech)):
            look.doubted.append(Doubted(undoubted, doubted, partial(is_stated, match, speech.words, cues)))
    if excused:
        return None
    if Doubt.NEGATED in doubted and _is_denied_whole(match, speech.words, cues):
        look.denied.update(at for one in match.mentions for at in range(one.start, one.end))
    return saw


def _is_denied_whole(match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether nothing of it may still be so: of "I'm not fine, I bought a rope" the rope is."""
    own = any(match.contains(one) for one in cues[Cue.ANY_NEGATION])
    return not own and words.after_comma.isdisjoint(range(match.start + 1, match.end))


def _is_borne_out(match: Match, words: Words, lexicon: Lexicon) -> bool:
    """Whether as many telling words are sure as are guessed at: "in", "is", "not" and a number make no guess likelier.

    A guess that all around it speaks for needs no other. "When I was nineteen ... the scar" is no sugar of nineteen.
    """
    said = {words.texts[at] for one in match.mentions for at in range(one.start, one.end)}
    return match.doubt <= sum(word not in lexicon.small and lexicon.number(word) is None for word in said)


def _is_all_that_was_said(match: Match, words: Words, places: Places, cues: CueMentions) -> bool:
    """Whether the rest is only chatter ("please, my mother"), or the same thing said again."""
    again = (one for concept in match.alone for one in places.of(concept))
    covered = {at for one in (*cues[Cue.CHATTER], *again) for at in range(one.start, one.end)}
    return all(match.uses(at) or at in covered for at in range(words.fresh, len(words)))


def _excused(rule: Rule, match: Match, places: Places, words: Words, cues: CueMentions) -> bool:
    """Whether one of the rule's own exceptions stands close: "can't breathe" through the nose."""
    return any(
        not one.doubt  # what an exception only sounds like takes no danger away
        and (not one.lone or rule.kind not in DANGER or _touches(one, match, words, cues))
        and not all(match.uses(at) for at in range(one.start, one.end))
        and words.sentences[one.start] == words.sentences[match.start]
        and not _is_beside(one, match, words, cues)
        and (concept in rule.unless_across or not _is_of_another(one, match, words, cues))
        for concept in places.among(rule.unless)
        for one in places.between(concept, match.start - 6, match.end + 5)
    )


def _touches(excuse: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether one word alone excuses a danger: only the one it stands right beside, and where nobody is named. Of "they
    shot the nurse" and "hanging from the coat hook" neither the nurse nor the coat is an excuse."""
    if max(excuse.start - match.end, match.start - excuse.end) > LONE_REACH:
        return False
    unnamed = {one.start for kind in _UNNAMED for one in cues[kind]}
    sentence = words.sentences[match.start]
    return not any(words.sentences[one.start] == sentence and one.start not in unnamed for one in cues[Cue.PERSON])


def _is_beside(excuse: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether an exception only stands beside the danger: where it happens ("collapsed at the game"), or what else
    there is to say ("my chest hurts and my appointment is tomorrow")."""
    if any(excuse.within(one) and not one.within(excuse) for one in cues[Cue.HARMLESS]):
        return True
    placed = excuse.lone and excuse.start in words.within
    if placed or any(one.end == excuse.start for one in cues[Cue.BESIDE]):
        return True
    if excuse.end <= match.start:
        return any(excuse.end <= one.start < match.start for one in cues[Cue.BREAKER])
    begins = {one.start for one in cues[Cue.SUBJECT]} | words.opened
    return any(match.end <= one.start < excuse.start and one.end in begins for one in cues[Cue.AND])


def _is_of_another(excuse: Span, match: Match, words: Words, cues: CueMentions) -> bool:
    """Whether somebody is spoken of anew between both ("I work at a school, a boy is choking"), or only spoken to."""
    if set_off(excuse, words) and any(one.start == excuse.start and one.end == excuse.end for one in cues[Cue.CALLED]):
        return True
    if excuse.end <= match.start:
        return anew(excuse.end, match.start + 1, words, cues)
    return anew(match.end, excuse.end, words, cues)


def _weigh(rule: Rule, match: Match, doubted: frozenset[str], speech: Speech) -> Saw | None:
    """What is left of a match when the words around it have had their say."""
    if doubted & NEVER_SO:
        return None
    kind, ask = rule.kind, rule.ask
    if not speech.unsure:
        kind, ask = _lowered(rule, doubted)
    if kind is None:
        return Saw(None, ask, match.start) if ask else None
    sure = _CONFIDENCE_PER_GUESS ** (match.doubt / 2 + any(match.uses(at) for at in speech.words.misheard))
    return Saw(Finding(kind, rule.id, rule.reason, rule.source, round(sure, 2), rule.own), ask, match.start)


def _lowered(rule: Rule, doubted: frozenset[str]) -> tuple[FindingKind | None, str]:
    dangerous = rule.kind in DANGER
    ask_now = rule.ask or (ASK_WHETHER_NOW if dangerous else "")
    if Doubt.PAST in doubted:
        return (FindingKind.URGENT, rule.ask) if rule.lasting is Lasting.ALWAYS and dangerous else (None, "")
    if doubted & {Doubt.IMAGINED, Doubt.ERRAND}:
        return None, ask_now
    over = {Lasting.NOW: {Doubt.RECENT, Doubt.CHRONIC}, Lasting.TODAY: {Doubt.WEEKS_AGO}}
    if dangerous and doubted & over.get(rule.lasting, set()):
        return FindingKind.URGENT, ask_now
    return rule.kind, rule.ask


def _answer(order: Sequence[LanguageRules], speech: Speech, asked: str) -> Iterable[Saw]:
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


def _worse(rules: RuleSet, speech: Speech, lang: str, earlier: Sequence[str]) -> Iterable[Saw]:
    """ "It is getting worse", after a danger named in an earlier turn, raises that danger."""
    if not earlier:
        return
    if not any(speech.everything[lang].of(one.concepts["worse"]) for lang, one in rules.languages.items()):
        return
    before = judge(rules, " , ".join(earlier[-2:]), lang=lang, confidence=None, earlier=(), asked="").worst
    if before is not None and before.kind in DANGER:
        kind = FindingKind.CRISIS if before.kind is FindingKind.CRISIS else FindingKind.EMERGENCY
        yield Saw(replace(before, kind=kind), "", 0)
