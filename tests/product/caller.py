"""A caller at a real telephone network: the product's own far end, posting over HTTP to a real server."""

from __future__ import annotations

from calls.simulator.far_end import Exchange, FarEnd, Heard, Line
from clinics.models import Clinic
from tests.calls.network import CALLER


class Caller(FarEnd):
    """`Network` of the in-process tests, over a socket. Keeps every exchange."""

    def __init__(self, clinic: Clinic, server: str, *, dial_outcome: str = "completed") -> None:
        super().__init__(clinic, server, dial_outcome=dial_outcome)
        self.number = clinic.lines.get().number
        self.exchanges: list[Exchange] = []
        self.extra: dict[str, str] = {}

    def call(self, *, caller: str = CALLER, test: bool = False) -> tuple[Line, Heard]:
        return self.ring(caller=caller, dialled=self.number, test=test)

    def _post(self, line: Line, path: str, extra: dict[str, str]) -> Exchange:
        exchange = super()._post(line, path, {**self.extra, **extra})
        self.exchanges.append(exchange)
        return exchange
