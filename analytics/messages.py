"""How the messages of a clinic fared: what arrived, how late, at which try, and what was given up, by channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db.models import Count
from django.utils.translation import gettext_lazy

from analytics import tallies
from analytics.figures import Share, short
from analytics.rolling import Numbers
from clinics.models import Clinic
from notifications.models import Delivery, DeliveryState

CHANNELS = {
    "inbox": gettext_lazy("In the portal"),
    "browser": gettext_lazy("On open pages"),
    "sms": gettext_lazy("Text messages"),
    "voice": gettext_lazy("Alarm calls"),
    "email": gettext_lazy("E-mail"),
    "patient": gettext_lazy("Texts to patients"),
    "letter": gettext_lazy("Sign-in letters"),
    "webhook": gettext_lazy("Your own systems"),
}
"""The channels of a clinic's messages, in words for its people; `pulse` is the platform's own."""
SLOW_MS = 5000


@dataclass(frozen=True, slots=True)
class Arrived:
    """Messages of some days, by when what they tell happened: how many arrived, how late, and how many never will.

    `lag_*` is from then to the delivery in milliseconds, waits on purpose included (a patient's quiet hours), None
    where nothing arrived; `tries` is per message.
    """

    delivered: int
    given_up: int
    expired: int
    tries: float | None
    lag_p50: float | None
    lag_p95: float | None
    lag_p99: float | None

    @property
    def share(self) -> Share:
        """Those that arrived, of all that came to an end."""
        return Share(self.delivered, self.delivered + self.given_up + self.expired)

    @property
    def lags(self) -> list[str]:
        """The three percentiles in words, "" for each of nothing."""
        return ["" if ms is None else short(ms) for ms in (self.lag_p50, self.lag_p95, self.lag_p99)]


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: its messages, how long its provider took for one in milliseconds, and how many tries failed."""

    name: str
    messages: Arrived
    sent_p50: float | None
    sent_p95: float | None
    failed: int

    @property
    def label(self) -> str:
        return str(CHANNELS[self.name])

    @property
    def used(self) -> bool:
        return bool(self.messages.share.whole or self.failed)

    @property
    def state(self) -> str:
        """ "unknown" where nothing was tried: a way that nobody has gone is not known to be open."""
        if not self.messages.delivered + self.failed:
            return "unknown"
        if self.failed > self.messages.delivered:
            return "failing"
        return "slow" if (self.sent_p95 or 0) > SLOW_MS else "ok"

    @property
    def state_label(self) -> str:
        return str(STATES[self.state])

    @property
    def tone(self) -> str:
        return TONES[self.state]


STATES = {
    "ok": gettext_lazy("ok"),
    "slow": gettext_lazy("slow"),
    "failing": gettext_lazy("failing"),
    "unknown": gettext_lazy("not tried"),
}
TONES = {"ok": "good", "slow": "warn", "failing": "bad", "unknown": "info"}


def by_channel(counted: Numbers) -> list[Channel]:
    """Each channel over the whole span, those over which nothing went as well."""
    return [_channel(counted.of, name) for name in CHANNELS]


def together(counted: Numbers) -> Arrived:
    """All channels over the whole span."""
    return _all(counted.of)


def by_day(counted: Numbers) -> list[tuple[date, Arrived]]:
    """All channels on each day."""
    return [(day, _all(partial(counted.on, day))) for day in counted.span.dates]


def by_day_and_channel(counted: Numbers) -> Iterator[tuple[date, Channel]]:
    """Each day with each channel over which something went on it."""
    for day in counted.span.dates:
        for name in CHANNELS:
            one = _channel(partial(counted.on, day), name)
            if one.used:
                yield day, one


def dead_now(clinic: Clinic) -> dict[str, int]:
    """Messages given up that nobody has tried again or put aside, whenever they were: by channel."""
    dead = Delivery.objects.filter(clinic=clinic, state=DeliveryState.DEAD)
    return dict(dead.order_by().values_list("channel").annotate(n=Count("id")))


Of = Callable[[str], Mapping[str, int]]
"""The counts of a figure."""


def _all(of: Of) -> Arrived:
    tries = tallies.added(of(f"tries {name}") for name in CHANNELS)
    return _arrived(of, tallies.number, tries, of("lag_ms"))


def _channel(of: Of, name: str) -> Channel:
    return Channel(
        name,
        _arrived(of, lambda counts: counts.get(name, 0), of(f"tries {name}"), of(f"lag_ms {name}")),
        *tallies.percentiles(of(f"sent_ms {name}"), 0.5, 0.95),
        failed=tallies.number(of(f"unsent {name}")),
    )


def _arrived(
    of: Of, number: Callable[[Mapping[str, int]], int], tries: Mapping[str, int], lag: Mapping[str, int]
) -> Arrived:
    ended = (number(of(f"message {state}")) for state in ("sent", "dead", "expired"))
    return Arrived(*ended, tallies.average(tries), *tallies.percentiles(lag, 0.5, 0.95, 0.99))
