"""What the clinic's admins may send about who is on call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy

from clinics.people.models import User
from clinics.practice import ladder
from clinics.practice.dates import in_our_time
from escalations.models import Level
from escalations.rungs import STAGES

ONCE = "once"
UNITS: dict[str, tuple[str, int]] = {
    "emergency": (gettext_lazy("seconds"), 1),
    "urgent": (gettext_lazy("minutes"), 60),
}


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MomentForm(forms.Form):
    """A moment on the clinic's clock."""

    at = forms.DateTimeField(
        label=gettext_lazy("Who is on call at"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        validators=[in_our_time],
        error_messages={
            "required": gettext_lazy("Choose a day and a time."),
            "invalid": gettext_lazy("Choose a day and a time."),
        },
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, data: Mapping[str, str] | None = None, *, zone: tzinfo) -> None:
        super().__init__(data)
        self._zone = zone

    def clean_at(self) -> datetime:
        """The wall clock's moment; one that the changed clock skipped is the moment of the change."""
        return self.cleaned_data["at"].replace(tzinfo=self._zone)


class ShiftForm(forms.Form):
    """One shift: every week, or once."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Choose"),
        error_messages={"required": gettext_lazy("Choose who is on call.")},
    )
    place = forms.TypedChoiceField(
        label=gettext_lazy("Asked"),
        coerce=int,
        choices=[
            (1, gettext_lazy("First")),
            (2, gettext_lazy("As backup 1")),
            (3, gettext_lazy("As backup 2")),
            (4, gettext_lazy("As backup 3")),
        ],
    )
    day = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[
            (ONCE, gettext_lazy("Once")),
            *((str(n), format_lazy("{} {}", gettext_lazy("Every"), name)) for n, name in WEEKDAYS.items()),
        ],
    )
    begins = forms.TimeField(
        label=gettext_lazy("From"), widget=_clock(), error_messages={"required": gettext_lazy("Say when it begins.")}
    )
    ends = forms.TimeField(
        label=gettext_lazy("To"),
        widget=_clock(),
        help_text=gettext_lazy("At or before it begins: on the next day"),
        error_messages={"required": gettext_lazy("Say when it ends.")},
    )
    since = forms.DateField(
        label=gettext_lazy("First day"),
        validators=[in_our_time],
        widget=_day(),
        error_messages={"required": gettext_lazy("Choose the first day.")},
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        validators=[in_our_time],
        widget=_day(),
        required=False,
        help_text=gettext_lazy("Empty: no end"),
    )

    def __init__(self, data: Mapping[str, str] | None = None, **options: object) -> None:
        super().__init__(data, **options)  # type: ignore[arg-type]
        self.fields["person"].queryset = User.objects.active().order_by("name")

    def given(self) -> dict[str, object]:
        """What `rostering.add_shift` wants."""
        given = dict(self.cleaned_data)
        day = given.pop("day")
        return given | {"weekday": None if day == ONCE else int(day)}


class NumberForm(forms.Form):
    """Where one person is rung; empty for nowhere."""

    number = forms.CharField(required=False, max_length=32)


class TimesForm(forms.Form):
    """When each step of the ladder comes, in the unit that fits its level."""

    def __init__(self, data: Mapping[str, str] | None = None, *, times: Mapping[str, Mapping[str, int]]) -> None:
        super().__init__(data)
        for level, (unit, size) in UNITS.items():
            for after, stage in ladder.stages(level, times)[1:]:
                self.fields[f"{level}-{stage.name}"] = forms.IntegerField(
                    label=f"{STAGES[stage.name]}, {unit}",
                    initial=after // size,
                    min_value=stage.least // size,
                    max_value=stage.most // size,
                    help_text=gettext("%(least)s to %(most)s")
                    % {"least": ladder.words(stage.least), "most": ladder.words(stage.most)},
                )

    def levels(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each level, in the order of its ladder."""
        return [
            (str(Level(level).label), [self[name] for name in self.fields if name.startswith(f"{level}-")])
            for level in UNITS
        ]

    def times(self) -> dict[str, dict[str, int]]:
        """The seconds of the steps that differ from the standard."""
        chosen: dict[str, dict[str, int]] = {}
        for level, (_, size) in UNITS.items():
            for stage in ladder.STANDARD[level][1:]:
                seconds = self.cleaned_data[f"{level}-{stage.name}"] * size
                if seconds != stage.after:
                    chosen.setdefault(level, {})[stage.name] = seconds
        return chosen
