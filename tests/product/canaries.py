"""Words that occur nowhere else, to be said by patients and then looked for where no patient's word may be."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from calls.simulator.far_end import Line
from tests.calls.network import Network
from tests.product.caller import Caller

BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")


def number_pattern(e164: str) -> str:
    """A US number as E.164, without its plus sign, in national form and as digits spoken one by one."""
    digits = re.sub(r"\D", "", e164)[-10:]
    gap = r"[\s().,-]{0,3}"
    return gap.join(digits)


@dataclass(frozen=True)
class Patient:
    """One caller whose every particular is a canary."""

    first: str = "marigold"
    last: str = "quorndale"
    caller: str = "+12025550167"
    callback: str = "+12125550183"
    born_said: str = "november nineteenth nineteen thirty seven"
    born: str = "1937-11-19"
    medicine: str = "spironolactone"
    pharmacy: str = "zubrowka drugs"
    reason: str = "flugelhorn lessons"
    danger: str = "i have crushing chest pain and my wombat is here"
    also: tuple[str, ...] = field(default=("wombat",))

    @property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """What is looked for, by what it is."""
        words = [self.first, self.last, self.medicine, self.pharmacy.split()[0], self.reason.split()[0], *self.also]
        found = {word: re.escape(word) for word in words}
        found |= {number: number_pattern(number) for number in (self.caller, self.callback)}
        _, month, day = self.born.split("-")
        year = self.born[:4]
        spoken = rf"november {day}(th)?,? {year}|{day} de noviembre|nineteen thirty seven"
        found["the date of birth"] = rf"{self.born}|0?{month}/0?{day}/{year}|{spoken}"
        return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in found.items()}


def hits(text: str | bytes, patient: Patient) -> list[str]:
    """The canaries in a text, those inside base64 and escapes included."""
    raw = text if isinstance(text, bytes) else text.encode()
    whole = b"\n".join([raw, *_decoded(raw)]).decode("utf-8", "replace").replace("\\", "")
    return [name for name, pattern in patient.patterns.items() if pattern.search(whole)]


def _decoded(raw: bytes) -> list[bytes]:
    found = []
    for piece in BASE64.findall(raw):
        try:
            found.append(base64.b64decode(piece + b"=" * (-len(piece) % 4), altchars=b"-_"))
        except (binascii.Error, ValueError):
            continue
    return found


def refill(network: Network | Caller, patient: Patient, *, test: bool = False) -> Line:
    """A whole call for a refill, every question answered with a canary."""
    line, _ = network.call(caller=patient.caller, test=test)
    for words in (
        f"i need a refill of {patient.medicine}", patient.pharmacy, f"{patient.first} {patient.last}", "yes",
        patient.born_said, "yes", "no", patient.callback[2:], "yes", "no that is all",
    ):  # fmt: skip
        network.say(line, words)
    return line


def callback(network: Network | Caller, patient: Patient) -> Line:
    """A call that ends in the middle: what is known becomes a task."""
    line, _ = network.call(caller=patient.caller)
    for words in ("please have someone call me back", f"about {patient.reason}", f"{patient.first} {patient.last}"):
        network.say(line, words)
    network.hang_up(line)
    return line


def emergency(network: Network | Caller, patient: Patient) -> Line:
    line, _ = network.call(caller=patient.caller)
    network.say(line, f"this is {patient.first} {patient.last} {patient.danger}")
    return line


def emergency_in_spanish(network: Network | Caller, patient: Patient) -> Line:
    line, _ = network.call(caller=patient.caller)
    network.press(line, "2")
    network.say(line, f"me llamo {patient.first} {patient.last} y me duele mucho el pecho y no puedo respirar wombat")
    return line


EVERY_CALL = (refill, callback, emergency, emergency_in_spanish)
