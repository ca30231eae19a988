"""What clinic admins send about how their clinic works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, tzinfo
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, gettext_lazy

from clinics.practice import phases
from clinics.practice.dates import in_our_time
from clinics.practice.hours import Interval, Span, Week
from clinics.practice.models import CallPolicy
from clinics.practice.pages.changes import LABELS

PER_DAY = 3
"""Openings of one day that the form has room for: with a break at noon and an evening hour."""
HOLIDAY_PAIRS = tuple((f"opens{n or ''}", f"closes{n or ''}") for n in range(PER_DAY))
"""The fields of a day with other hours: opens and closes, opens1 and closes1, ..."""
TOPICS = ("address", "parking", "fax", "insurance", "directions", "website", "portal", "languages", "payment")


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class WeekForm(forms.Form):
    """The regular week: for each day up to three openings, each with both its times or none."""

    def __init__(self, data: Mapping[str, str] | None = None, *, week: Week) -> None:
        super().__init__(data)
        for day, name in WEEKDAYS.items():
            known = week.on(day)
            for n in range(PER_DAY):
                opens, closes = known[n] if n < len(known) else (None, None)
                part = gettext(", opening %(number)s") % {"number": n + 1} if n else ""
                self.fields[f"opens_{day}_{n}"] = self._time(
                    gettext("%(name)s opens%(part)s") % {"name": name, "part": part}, opens
                )
                self.fields[f"closes_{day}_{n}"] = self._time(
                    gettext("%(name)s closes%(part)s") % {"name": name, "part": part}, closes
                )

    @staticmethod
    def _time(label: str, initial: time | None) -> forms.TimeField:
        widget = _clock()
        widget.attrs["aria-label"] = label
        wrong = {"invalid": gettext("%(label)s: write a time such as 08:30.") % {"label": label}}
        return forms.TimeField(label=label, required=False, initial=initial, widget=widget, error_messages=wrong)

    def days(self) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
        """Each weekday with the pairs of fields that a template draws."""
        for day, name in WEEKDAYS.items():
            yield name, [(self[f"opens_{day}_{n}"], self[f"closes_{day}_{n}"]) for n in range(PER_DAY)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for day, name in WEEKDAYS.items():
            for n in range(PER_DAY):
                opens, closes = given.get(f"opens_{day}_{n}"), given.get(f"closes_{day}_{n}")
                if (opens is None) != (closes is None) and not {f"opens_{day}_{n}", f"closes_{day}_{n}"} & set(
                    self.errors
                ):
                    missing = "opens" if opens is None else "closes"
                    self.add_error(
                        f"{missing}_{day}_{n}",
                        gettext("%(name)s: say both when it opens and when it closes.") % {"name": name},
                    )
        return given

    def week(self) -> Week:
        """The week that was typed."""
        given = self.cleaned_data
        return Week(
            tuple(
                Interval(
                    day,
                    given[f"opens_{day}_{n}"],
                    given[f"closes_{day}_{n}"],
                )
                for day in range(7)
                for n in range(PER_DAY)
                if given.get(f"opens_{day}_{n}") is not None
            )
        )


class HolidayForm(forms.Form):
    """A day with other hours, in up to three intervals; without times the clinic is closed."""

    day = forms.DateField(
        label=gettext_lazy("Day"),
        validators=[in_our_time],
        widget=_day(),
        error_messages={"required": gettext_lazy("Choose the day.")},
    )
    name = forms.CharField(
        label=gettext_lazy("What it is"),
        max_length=80,
        error_messages={"required": gettext_lazy("Say what day it is.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n, (opens, closes) in enumerate(HOLIDAY_PAIRS):
            part = gettext(", opening %(number)s") % {"number": n + 1} if n else gettext(" (empty: closed)")
            for name, label in ((opens, gettext("Opens")), (closes, gettext("Closes"))):
                wrong = {"invalid": gettext("%(label)s: write a time such as 08:30.") % {"label": label}}
                self.fields[name] = forms.TimeField(
                    label=f"{label}{part}", required=False, widget=_clock(), error_messages=wrong
                )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for opens, closes in HOLIDAY_PAIRS:
            if (given.get(opens) is None) != (given.get(closes) is None):
                self.add_error(closes, gettext("Say both when it opens and when it closes, or neither."))
        return given

    def spans(self) -> list[Span]:
        """The intervals that were typed; none: closed."""
        given = self.cleaned_data
        return [(given[opens], given[closes]) for opens, closes in HOLIDAY_PAIRS if given.get(opens) is not None]


class MomentForm(forms.Form):
    """A moment on the clinic's clock."""

    at = forms.DateTimeField(
        label=gettext_lazy("What happens to a call at"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        validators=[in_our_time],
        error_messages={
            "required": gettext_lazy("Choose a day and a time."),
            "invalid": gettext_lazy("Choose a day and a time."),
        },
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def moment(self, zone: tzinfo) -> datetime:
        return self.cleaned_data["at"].replace(tzinfo=zone)


class ClosureForm(MomentForm):
    """Until when the clinic is closed now."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="closed", **kwargs)
        self.fields["at"].label = gettext("Closed until")


class PolicyForm(forms.ModelForm):
    """The next version of the clinic's policy. An empty limit is the phase's own; operators set the phase."""

    automates = forms.MultipleChoiceField(
        label=gettext_lazy("What the telephone takes by itself"),
        choices=[(name, gettext_lazy(label)) for name, label in phases.REQUESTS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: what the phase allows. A person takes the rest."),
    )

    class Meta:
        model = CallPolicy
        fields = [
            "greeting_en", "greeting_es", "answers", "spanish", "model_helps", "speech", "voice_en", "voice_es",
            "recording", "live_words", "streaming", "handover", "clinic_line", "emergency_number", "crisis_number",
            *phases.LIMITS,
        ]  # fmt: skip
        labels = {name: gettext_lazy(label) for name, label in LABELS.items()}
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in ("greeting_en", "greeting_es")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        preset = phases.PRESETS[self.instance.phase]
        for field in self.fields.values():
            field.help_text = gettext(str(field.help_text)) if field.help_text else ""
        for name in set(phases.LIMITS) - {"automates"}:
            field = self.fields[name]
            field.help_text = gettext("%(help_text)s. Empty: %(standard)s, as the phase has it.") % {
                "help_text": field.help_text,
                "standard": getattr(preset, name),
            }
        self.before = {name: getattr(self.instance, name) for name in self._meta.fields}

    def clean_automates(self) -> list[str] | None:
        return self.cleaned_data["automates"] or None

    def changes(self) -> dict[str, object]:
        """What differs from the version in force, by field."""
        return {name: self.cleaned_data[name] for name in self.fields if self.cleaned_data[name] != self.before[name]}


class FactForm(forms.Form):
    """One approved answer, in the words that the telephone will say; one that is there already gets the new words."""

    topic = forms.SlugField(
        label=gettext_lazy("About"),
        max_length=40,
        widget=forms.TextInput(attrs={"list": "topics", "autocomplete": "off"}),
        help_text=gettext_lazy("One word, such as parking"),
        error_messages={"required": gettext_lazy("Say what it is about.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=[("en", gettext_lazy("English")), ("es", gettext_lazy("Spanish"))]
    )
    text = forms.CharField(
        label=gettext_lazy("What the telephone says"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write the sentence.")},
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Last day it is true (empty: until changed)"),
        required=False,
        validators=[in_our_time],
        widget=_day(),
    )
