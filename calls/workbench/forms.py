"""What a clinic admin may fill in: an added rule, a raised level, a request to take one back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from calls.dialogue.safety import RuleError, writing
from calls.dialogue.safety.find import shipped
from calls.dialogue.types import FindingKind
from calls.workbench.composing import LEVELS, OWN_KINDS, RAISED_KINDS, Draft, Refused, compiled, higher_than
from clinics.practice.own_rules import Change, How, OwnRule, Sort

LANGUAGES = (("en", gettext_lazy("English")), ("es", gettext_lazy("Spanish")))
MOST_EXAMPLES = 30
PARTS = ("first", "second", "third")


def levels(kinds: tuple[FindingKind, ...]) -> list[tuple[str, str]]:
    return [(kind.value, LEVELS[kind]) for kind in kinds]


class Phrases(forms.CharField):
    """Words and phrases with commas between them, as a tuple."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}), **kwargs)

    def clean(self, value: Any) -> tuple[str, ...]:
        text = super().clean(value)
        try:
            return tuple(writing.phrases(text))
        except RuleError as error:
            raise forms.ValidationError(str(error)) from error


class Sentences(forms.CharField):
    """One sentence a line, as a tuple."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=6000, required=False, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def clean(self, value: Any) -> tuple[str, ...]:
        lines = (" ".join(line.split())[:300] for line in super().clean(value).splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))[:MOST_EXAMPLES]


class DraftForm(forms.Form):
    """The part that both sorts of draft share: whatever compiles is a draft, whatever does not says why."""

    sort = ""
    WORDED = ("title", "reason", "source")
    """What a rule needs to be kept, and not to be tried."""

    def __init__(self, *args: Any, trying: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in self.WORDED:
                field.required = field.required and not trying
            else:
                field.widget.attrs["class"] = "tried"  # leaving it looks again at what the rule would change

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                compiled(self.draft())
            except Refused as refused:
                self.add_error(None, str(refused))
        return cleaned

    def draft(self) -> Draft:
        raise NotImplementedError


class AddedForm(DraftForm):
    """A rule of the clinic's own, in words that callers say."""

    sort = Sort.ADDED.value
    title = forms.CharField(
        max_length=60,
        label=gettext_lazy("Name of the rule"),
        help_text=gettext_lazy("Short. It is seen in addresses and lists: no patient's name."),
    )
    language = forms.ChoiceField(choices=LANGUAGES, label=gettext_lazy("Language"))
    first = Phrases(
        label=gettext_lazy("Callers say one of these"),
        help_text=gettext_lazy(
            "Words or phrases, commas between them. Every form of a word counts: “bleed” finds “bleeding”."
        ),
    )
    second = Phrases(
        required=False,
        label=gettext_lazy("And one of these"),
        help_text=gettext_lazy("Leave empty if the first is enough."),
    )
    third = Phrases(required=False, label=gettext_lazy("And one of these, too"))
    how = forms.ChoiceField(choices=How.choices, label=gettext_lazy("How they stand together"), required=False)
    unless = Phrases(
        required=False,
        label=gettext_lazy("Unless one of these is said close by"),
        help_text=gettext_lazy("“appointment”, “last year”"),
    )
    kind = forms.ChoiceField(choices=levels(OWN_KINDS), label=gettext_lazy("Level"))
    reason = forms.CharField(
        max_length=60,
        label=gettext_lazy("What staff read on the alarm"),
        help_text=gettext_lazy("Two or three neutral words: “tooth abscess”."),
    )
    source = forms.CharField(
        max_length=300,
        label=gettext_lazy("What it rests on"),
        help_text=gettext_lazy("A guideline, a page, a decision of the clinic."),
    )
    fires = Sentences(
        label=gettext_lazy("Sentences that it must catch"),
        help_text=gettext_lazy("One a line. Make them up: no caller's words."),
    )
    quiet = Sentences(label=gettext_lazy("Sentences that it must not catch"), help_text=gettext_lazy("One a line."))

    def draft(self) -> Draft:
        given = self.cleaned_data
        return Draft(
            sort=self.sort,
            kind=given["kind"],
            title=given["title"],
            source=given["source"],
            language=given["language"],
            reason=given["reason"],
            parts=tuple(given[name] for name in PARTS if given[name]),
            how=given["how"] or How.NEAR.value,
            unless=given["unless"],
            fires=given["fires"],
            quiet=given["quiet"],
        )


class RaisedForm(DraftForm):
    """A shipped rule that this clinic takes more seriously."""

    sort = Sort.RAISED.value
    rule = forms.ChoiceField(label=gettext_lazy("Shipped rule"))
    kind = forms.ChoiceField(choices=levels(RAISED_KINDS), label=gettext_lazy("Level here"))
    source = forms.CharField(
        max_length=300,
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("A guideline, a page, a decision of the clinic."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [("", gettext("Choose a rule")), *raisable()]  # type: ignore[attr-defined]

    def draft(self) -> Draft:
        given = self.cleaned_data
        title = dict(raisable())[given["rule"]].partition(" (")[0]
        return Draft(sort=self.sort, kind=given["kind"], title=title[:60], source=given["source"], rule=given["rule"])


def raisable() -> list[tuple[str, str]]:
    """The shipped rules below an alarm, with what they find and where they stand now."""
    return [
        (one.id, f"{one.reason} ({dict(LANGUAGES)[lang]}, {one.kind.value}, {one.id})")
        for lang, language in shipped().languages.items()
        for one in sorted(language.rules, key=lambda rule: rule.reason)
        if one.kind is not None and higher_than(one.kind)
    ]


FORMS: dict[str, type[DraftForm]] = {Sort.ADDED.value: AddedForm, Sort.RAISED.value: RaisedForm}


def initial(rule: OwnRule) -> dict[str, Any]:
    """A draft as its form shows it again."""
    parts = {name: ", ".join(part) for name, part in zip(PARTS, rule.parts, strict=False)}
    return {
        "rule": rule.rule,
        "title": rule.title,
        "language": rule.language,
        "kind": rule.kind,
        "reason": rule.reason,
        "how": rule.how,
        "source": rule.source,
        "unless": ", ".join(rule.unless),
        "fires": "\n".join(rule.fires),
        "quiet": "\n".join(rule.quiet),
        **parts,
    }


class ChangeForm(forms.Form):
    """A request to take a rule back or lower it. That it has a reason is the deed's rule."""

    change = forms.ChoiceField(choices=Change.choices)
    kind = forms.CharField(required=False, max_length=16)
    reason = forms.CharField(required=False, max_length=300)
