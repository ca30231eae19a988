"""What the clinic's admins may send about who is on call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from django import forms

from clinics.people.models import User
from clinics.practice import ladder
from clinics.practice.dates import in_our_time
from clinics.practice.hours import DAYS
from escalations.rungs import STAGES

ONCE = "once"
UNITS: dict[str, tuple[str, int]] = {"emergency": ("seconds", 1), "urgent": ("minutes", 60)}


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MomentForm(forms.Form):
    """A moment on the clinic's clock."""

    at = forms.DateTimeField(
        label="Who is on call at",
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        validators=[in_our_time],
        error_messages={"required": "Choose a day and a time.", "invalid": "Choose a day and a time."},
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
        queryset=User.objects.none(), empty_label="Choose", error_messages={"required": "Choose who is on call."}
    )
    place = forms.TypedChoiceField(
        label="Asked", coerce=int, choices=[(1, "First"), *((n, f"As backup {n - 1}") for n in (2, 3, 4))]
    )
    day = forms.ChoiceField(
        label="When", choices=[(ONCE, "Once"), *((str(n), f"Every {name}") for n, name in enumerate(DAYS["en"]))]
    )
    begins = forms.TimeField(label="From", widget=_clock(), error_messages={"required": "Say when it begins."})
    ends = forms.TimeField(
        label="To",
        widget=_clock(),
        help_text="At or before it begins: on the next day",
        error_messages={"required": "Say when it ends."},
    )
    since = forms.DateField(
        label="First day", validators=[in_our_time], widget=_day(), error_messages={"required": "Choose the first day."}
    )
    until = forms.DateField(
        label="Last day", validators=[in_our_time], widget=_day(), required=False, help_text="Empty: no end"
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
                    help_text=f"{ladder.words(stage.least)} to {ladder.words(stage.most)}",
                )

    def levels(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each level, in the order of its ladder."""
        return [(level, [self[name] for name in self.fields if name.startswith(f"{level}-")]) for level in UNITS]

    def times(self) -> dict[str, dict[str, int]]:
        """The seconds of the steps that differ from the standard."""
        chosen: dict[str, dict[str, int]] = {}
        for level, (_, size) in UNITS.items():
            for stage in ladder.STANDARD[level][1:]:
                seconds = self.cleaned_data[f"{level}-{stage.name}"] * size
                if seconds != stage.after:
                    chosen.setdefault(level, {})[stage.name] = seconds
        return chosen
