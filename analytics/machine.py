"""How the machine did: how long callers waited and for what, which providers failed, which ways were open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Aggregate, Count, DurationField, F, FloatField, Q
from django.utils.translation import gettext_lazy

from analytics import tallies
from analytics.rolling import Numbers
from analytics.spans import Span
from clinics.models import Clinic
from notifications.models import Attempt, Delivery, DeliveryState


class PercentileCont(Aggregate):
    """PostgreSQL's interpolated percentile of a column."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: object, *, share: float, **extra: object) -> None:
        super().__init__(expression, share=float(share), **extra)


def answer_times(counted: Numbers) -> list[tuple[date, float | None, float | None]]:
    """Per day, how long the telephone thought about an answer: median and 95th percentile in milliseconds."""
    return [
        (day, *(tallies.percentile(counted.on(day, "turn_ms"), share) for share in (0.5, 0.95)))
        for day in counted.span.dates
    ]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an answer, in milliseconds. `asked` and `failed` are requests to providers, where it has any."""

    name: str
    label: str
    answers: int
    p50: float | None
    p95: float | None
    asked: int = 0
    failed: int = 0


STAGES = {
    "webhook": gettext_lazy("Rules decide"),
    "model": gettext_lazy("Model"),
    "speech": gettext_lazy("Voice is made"),
    "recognition": gettext_lazy("Speech recognition"),
}
"""What is measured here. The recogniser's own time happens at the telephone network, which does not tell it."""


def stages(counted: Numbers) -> list[Stage]:
    """Each stage that took time in a span, and what failed in it."""
    waited, trouble = tallies.beginning(counted.tally, "stage_ms "), tallies.beginning(counted.tally, "trouble ")
    found = []
    for name, label in STAGES.items():
        times, asked = waited.get(name, {}), counted.of("asked").get(name, 0)
        if times or asked:
            failed = tallies.number(trouble.get(name, {}))
            p50, p95 = tallies.percentile(times, 0.5), tallies.percentile(times, 0.95)
            found.append(Stage(name, str(label), tallies.number(times), p50, p95, asked, failed))
    return found


def troubles(counted: Numbers) -> list[tuple[str, str, int]]:
    """What went wrong at providers: the stage, the code of the failure, how often."""
    found = tallies.beginning(counted.tally, "trouble ")
    rows = [(stage, code, number) for stage, codes in found.items() for code, number in codes.items()]
    return sorted(rows, key=lambda row: (-row[2], row[:2]))


WAYS = {
    "sms": gettext_lazy("Text messages"),
    "voice": gettext_lazy("Alarm calls"),
    "email": gettext_lazy("E-mail"),
    "patient": gettext_lazy("Texts to patients"),
    "letter": gettext_lazy("Sign-in letters"),
    "webhook": gettext_lazy("Your own systems"),
}
"""The channels that leave the house, in words for the people of a clinic."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One way out of the house in a span; `p95` is milliseconds, None where nothing was sent."""

    channel: str
    sent: int
    failed: int
    p95: float | None
    dead: int

    @property
    def label(self) -> str:
        return WAYS[self.channel]

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def state(self) -> str:
        """ "unknown" where nothing was tried: a way that nobody has gone is not known to be open."""
        if not self.sent + self.failed:
            return "unknown"
        return "failing" if self.failed > self.sent else "slow" if (self.p95 or 0) > 5000 else "ok"


STATES = {
    "ok": gettext_lazy("ok"),
    "slow": gettext_lazy("slow"),
    "failing": gettext_lazy("failing"),
    "unknown": gettext_lazy("not tried"),
}

ARRIVED = ("sent", "found")
"""Outcomes of an attempt that the provider took: told at once, or found in its list afterwards."""


def providers(clinic: Clinic, span: Span) -> list[Provider]:
    """How each way out of the house did for a clinic."""
    tried = Attempt.objects.filter(
        delivery__clinic=clinic, delivery__channel__in=WAYS, started_at__gte=span.since, started_at__lt=span.until
    )
    rows = tried.order_by().values("delivery__channel").annotate(
        sent=Count("id", filter=Q(outcome__in=ARRIVED)),
        failed=Count("id", filter=~Q(outcome__in=[*ARRIVED, ""])),
        p95=PercentileCont(F("finished_at") - F("started_at"), share=0.95, output_field=DurationField()),
    )  # fmt: skip
    known = {row["delivery__channel"]: row for row in rows}
    dead = dict(
        Delivery.objects.filter(clinic=clinic, state=DeliveryState.DEAD, channel__in=WAYS)
        .order_by().values_list("channel").annotate(n=Count("id"))
    )  # fmt: skip
    return [
        Provider(
            channel,
            known.get(channel, {}).get("sent", 0),
            known.get(channel, {}).get("failed", 0),
            _milliseconds(known.get(channel, {}).get("p95")),
            dead.get(channel, 0),
        )
        for channel in WAYS
    ]


def _milliseconds(taken: object) -> float | None:
    return None if taken is None else taken.total_seconds() * 1000  # type: ignore[attr-defined]
