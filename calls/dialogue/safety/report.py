"""The whole report on labelled utterances: danger, routing, people, changed speech, and what the last change did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from random import Random
from typing import Any

from calls.dialogue.safety import verdicts as kept_verdicts
from calls.dialogue.safety.find import rules_version
from calls.dialogue.safety.measuring import Measured, Row, Share, in_one_turn, in_two_turns, measure
from calls.dialogue.safety.reaching import Reached, asks_again, reached
from calls.dialogue.safety.triage import Understand
from calls.dialogue.safety.variants import Variant, everyday, misheard, plain, sounding_like, truncated, with_fillers
from calls.dialogue.safety.verdicts import Changes, Moved, Verdicts
from calls.dialogue.types import ESCALATES_NOW, Intent

_COLUMNS = (*(one.value for one in Intent),)
MISHEARD = "one word in ten misheard"
MISHEARD_HERE = "  by the words of these rows"
"""A word is taken only for one that these rows hold: in a small file that is one that sounds little like it."""
_MOST_DRAWS, _ENOUGH = 5, 10_000
_GROUPS = {
    "caught": "newly caught",
    "missed": "newly missed",
    "alarming": "newly alarming",
    "quiet": "no longer alarming",
    "other": "judged otherwise",
}


@dataclass(frozen=True)
class Report:
    """Everything that was measured."""

    rules: str
    rows: int
    danger: dict[str, Measured]
    reached: dict[str, Reached]
    changed_speech: dict[str, dict[str, Measured]]
    changes: Changes | None
    verdicts: Verdicts


def variants(rows: Sequence[Row], seed: int = 1) -> dict[str, Variant]:
    """The changed speech that the rules must bear, by name."""
    spoken = {lang: [row.text for row in rows if row.lang == lang] for lang in {row.lang for row in rows}}
    taken = {lang: sounding_like([*texts, *everyday(lang)]) for lang, texts in spoken.items()}
    ears = {lang: misheard(Random(seed), nearest) for lang, nearest in taken.items()}
    here = {lang: misheard(Random(seed), sounding_like(texts)) for lang, texts in spoken.items()}
    return {
        "lower case, no punctuation": plain,
        "with fillers": with_fillers(Random(seed)),
        # A recogniser that is set to Spanish writes no English words.
        MISHEARD: lambda text, lang: ears[lang](text, lang),
        MISHEARD_HERE: lambda text, lang: here[lang](text, lang),
        "cut off at 70 %": truncated,
    }


def report(rows: Sequence[Row], *, understand: Understand, before: Verdicts | None = None) -> Report:
    """Measure everything on these rows; `before` are the verdicts of the rules to compare with."""
    judge = cache(in_one_turn)  # changed speech is often the same speech: each is judged once
    found = [judge(row.text, row.lang) for row in rows]
    now = kept_verdicts.kept(rows, found, rules=rules_version())
    again = partial(asks_again, understand)
    changed = {
        name: measure([*rows] * _draws(name, rows), change, judge, again) for name, change in variants(rows).items()
    }
    changed["cut at 70 %, both parts heard"] = measure(rows, judge=partial(in_two_turns, judge=judge))
    return Report(
        rules=rules_version(),
        rows=len(rows),
        danger=measure(rows, judge=judge),
        reached=reached(rows, found, understand),
        changed_speech=changed,
        changes=kept_verdicts.changes(rows, before=before, after=now) if before else None,
        verdicts=now,
    )


def _draws(name: str, rows: Sequence[Row]) -> int:
    """How often all rows are changed: chance decides much where few are measured."""
    return max(1, min(_MOST_DRAWS, _ENOUGH // len(rows))) if name in (MISHEARD, MISHEARD_HERE) else 1


# --- Text ----------------------------------------------------------------------------------------------------------
def as_text(one: Report) -> str:
    """The report as a person reads it in a terminal."""
    lines = [f"rules {one.rules}, {one.rows} rows"]
    for measured in one.danger.values():
        lines.extend(_danger(measured))
    lines.append("\nrecall when the speech is changed")
    lines.extend(compared(name, figures, one.danger) for name, figures in one.changed_speech.items())
    for figures in one.reached.values():
        lines.extend(_reached(figures))
    lines.extend(_confusion(one.reached.values()))
    lines.extend(_changes(one.changes))
    return "\n".join(lines)


def _danger(measured: Measured) -> Iterable[str]:
    yield f"\n{measured.lang}: emergencies caught {measured.recall}"
    yield f"    false alarms {measured.false_alarms}; of hard negatives {measured.hard_negatives}"
    for label, found in sorted(measured.by_label.items()):
        alarms = Share(sum(found[kind] for kind in ESCALATES_NOW), found.total())
        listed = ", ".join(f"{kind} {count}" for kind, count in found.most_common())
        yield f"    {label:16} escalates {alarms.hits}/{alarms.of}: {listed}"
    for row in measured.missed:
        yield f"  missed       {row.id}: {row.text}"
    for row, rule in measured.alarms:
        yield f"  false alarm  {row.id}: {row.text} [{rule}]"


def compared(name: str, changed: dict[str, Measured], figures: dict[str, Measured]) -> str:
    """One line: recall when the speech was changed, and what that loses of the `figures` of the speech as it was."""
    shares = (
        f"{lang} {one.recall.rate:.1%} ({(one.recall.rate - figures[lang].recall.rate) * 100:+.1f}), "
        f"{''.join(_what_became(one))}false alarms {one.false_alarms.rate:.1%}"
        for lang, one in changed.items()
    )
    return f"  {name:30} {'; '.join(shares)}"


def _what_became(one: Measured) -> Iterable[str]:
    """The emergencies that were not caught, by what the phone does: what it does not do is left out."""
    shares = {
        "asked about": one.asked_about,
        "urgent": one.urgent,
        "to say it again": one.said_again,
        "taken for something else": one.elsewhere,
    }
    return (f"{name} {share.rate:.1%}, " for name, share in shares.items() if share.hits)


def _reached(one: Reached) -> Iterable[str]:
    yield f"\n{one.lang}: routed right {one.accuracy}"
    yield f"    asked for a person and put through {one.people}"
    yield f"    asked whether it is a bot and put through {one.false_transfers}"
    yield f"    wanted something else and put through {one.stray_transfers}"
    for row, intent in one.wrong:
        yield f"  wrong way    {row.id}: {row.text} [{row.label} went to {intent}]"
    for row in one.not_connected:
        yield f"  no person    {row.id}: {row.text}"
    for row in (*one.bots_connected, *one.others_connected):
        yield f"  put through  {row.id}: {row.text} [{row.label}]"


def _confusion(figures: Iterable[Reached]) -> Iterable[str]:
    counts: dict[str, dict[str, int]] = {}
    for one in figures:
        for label, found in one.confusion.items():
            line = counts.setdefault(label, dict.fromkeys(_COLUMNS, 0))
            for intent, count in found.items():
                line[intent] += count
    yield "\nlabel by intent"
    yield " " * 18 + " ".join(f"{name[:11]:>11}" for name in _COLUMNS)
    for label, line in sorted(counts.items()):
        yield f"  {label:16}" + " ".join(f"{count or '.':>11}" for count in line.values())


def _changes(found: Changes | None) -> Iterable[str]:
    if found is None:
        yield "\nno earlier verdicts to compare with: keep some with --save, give them back with --against"
        return
    yield f"\nchanged from rules {found.before} to {found.after}"
    if found.before == found.after:
        yield "  these are the same rules"
    for name, title in _GROUPS.items():
        moved: list[Moved] = getattr(found, name)
        yield f"  {title}: {len(moved)}"
        for one in moved:
            yield f"    {one.row.id}: {one.row.text} [{_said(one)}]"
    if found.not_compared:
        yield f"  not compared, because they are new or worded anew: {found.not_compared}"


def _said(one: Moved) -> str:
    old, new = (f"{kept.kind} {kept.rule}".strip() for kept in (one.before, one.after))
    return f"{one.row.label}: {old} -> {new}"


# --- JSON ----------------------------------------------------------------------------------------------------------
def as_data(one: Report) -> dict[str, Any]:
    """The report for a program: the same figures, shares with both ends of their interval."""
    return {
        "rules": one.rules,
        "rows": one.rows,
        "languages": {
            lang: _danger_data(measured) | _reached_data(one.reached[lang]) for lang, measured in one.danger.items()
        },
        "changed_speech": {
            name: {lang: _figures(measured) for lang, measured in figures.items()}
            for name, figures in one.changed_speech.items()
        },
        "changes": _changes_data(one.changes),
    }


def share_data(share: Share) -> dict[str, float | int]:
    """A share as a program reads it."""
    low, high = share.interval
    rounded = {"rate": round(share.rate, 4), "low": round(low, 4), "high": round(high, 4)}
    return {"hits": share.hits, "of": share.of, **rounded}


def _figures(measured: Measured) -> dict[str, Any]:
    shares = {
        "recall": measured.recall,
        "asked_about": measured.asked_about,
        "urgent": measured.urgent,
        "said_again": measured.said_again,
        "elsewhere": measured.elsewhere,
        "false_alarms": measured.false_alarms,
    }
    return {name: share_data(share) for name, share in shares.items()}


def _danger_data(measured: Measured) -> dict[str, Any]:
    return {
        **_figures(measured),
        "hard_negatives": share_data(measured.hard_negatives),
        "findings_by_label": {label: dict(found) for label, found in sorted(measured.by_label.items())},
        "missed": [_row(row) for row in measured.missed],
        "alarms": [{**_row(row), "rule": rule} for row, rule in measured.alarms],
    }


def _reached_data(one: Reached) -> dict[str, Any]:
    return {
        "routing": share_data(one.accuracy),
        "intents_by_label": {label: dict(found) for label, found in sorted(one.confusion.items())},
        "wrong_way": [{**_row(row), "intent": intent} for row, intent in one.wrong],
        "human_request": share_data(one.people),
        "not_connected": [_row(row) for row in one.not_connected],
        "bot_questions_connected": share_data(one.false_transfers),
        "others_connected": share_data(one.stray_transfers),
        "put_through": [_row(row) for row in (*one.bots_connected, *one.others_connected)],
    }


def _changes_data(found: Changes | None) -> dict[str, Any] | None:
    if found is None:
        return None
    moved = {
        name: [{**_row(one.row), "before": one.before.kind, "after": one.after.kind} for one in getattr(found, name)]
        for name in _GROUPS
    }
    return {"before": found.before, "after": found.after, "not_compared": found.not_compared, **moved}


def _row(row: Row) -> dict[str, str]:
    return {"id": row.id, "text": row.text, "label": row.label}
