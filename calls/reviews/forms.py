"""What a reviewer sends: each verdict has fields of its own, so that the form works without scripts."""

from __future__ import annotations

from django import forms

from calls.reviews.actions import NOTE_LENGTH, Judgement, Share

KEEP, LABEL = "keep-", "label-"
SENTENCES = 200
"""More turns than a call can have."""

JUDGED_BY = {"missed": "missed_turn", "false_alarm": "alarm_finding", "wrong_intent": "intent_turn"}
LABELLED_BY = {"missed": "missed_label", "false_alarm": "alarm_label"}


class ReviewForm(forms.Form):
    """One review, of the call as the reviewer saw it."""

    seen = forms.IntegerField(min_value=0, max_value=30_000)
    verdict = forms.CharField(required=False, max_length=12)
    missed_turn = forms.CharField(required=False, max_length=8)
    missed_label = forms.CharField(required=False, max_length=16)
    alarm_finding = forms.CharField(required=False, max_length=16)
    alarm_label = forms.CharField(required=False, max_length=16)
    intent_turn = forms.CharField(required=False, max_length=8)
    true_intent = forms.CharField(required=False, max_length=20)
    note = forms.CharField(required=False, max_length=NOTE_LENGTH)
    hide = forms.CharField(required=False, max_length=300)
    then = forms.CharField(required=False, max_length=8)

    def judgement(self) -> Judgement:
        given = self.cleaned_data
        verdict = given["verdict"]
        return Judgement(
            verdict=verdict,
            judged=given.get(JUDGED_BY.get(verdict, ""), ""),
            true_label=given.get(LABELLED_BY.get(verdict, ""), ""),
            true_intent=given["true_intent"] if verdict == "wrong_intent" else "",
            note=given["note"],
        )

    def share(self) -> Share:
        """The sentences that were ticked, each with the text that was shown."""
        kept = dict(list(_numbered(self.data, KEEP).items())[:SENTENCES])
        hide = tuple(filter(None, (part.strip() for part in self.cleaned_data["hide"].split(","))))
        return Share(texts=kept, labels=_numbered(self.data, LABEL), hide=hide)

    def field_of(self, name: str) -> str:
        """The field of this form in which the reviewer puts right what an action refused."""
        verdict = self.cleaned_data["verdict"]
        return {"judged": JUDGED_BY.get(verdict, ""), "true_label": LABELLED_BY.get(verdict, "")}.get(name, name)


class WithdrawForm(forms.Form):
    seen = forms.IntegerField(min_value=0, max_value=30_000)


def _numbered(data: object, prefix: str) -> dict[int, str]:
    """The fields "keep-3", "keep-5" of a form as {3: ..., 5: ...}."""
    found = {}
    for name, value in data.items():  # type: ignore[attr-defined]
        number = name.removeprefix(prefix)
        if name.startswith(prefix) and number.isascii() and number.isdigit() and len(number) < 6:
            found[int(number)] = value
    return found
