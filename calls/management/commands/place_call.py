"""Play a caller through the real webhook of the running server, and print what was said and what came of it."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.dialogue.levels import Level
from calls.models import Turn
from calls.simulator.far_end import FarEnd, Heard, Line, Unreachable
from calls.simulator.outcome import created_by
from clinics import phones
from clinics.models import Clinic, PhoneLine
from clinics.tenancy import inside

CALLER = "+12025550142"


class InOrder(argparse.Action):
    """Keep what the caller does in the order it stands on the command line."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: str | None = None) -> None:
        deeds = [*(getattr(namespace, "deeds", None) or []), (str(option).lstrip("-"), values)]
        namespace.deeds = deeds


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", required=True, metavar="SLUG")
        parser.add_argument("--say", action=InOrder, metavar="TEXT", help="say a sentence; may be repeated")
        parser.add_argument("--press", action=InOrder, metavar="DIGITS", help="press keys")
        parser.add_argument("--silence", action=InOrder, nargs=0, help="say nothing until the phone asks again")
        parser.add_argument("--hangup", action=InOrder, nargs=0, help="put the receiver down")
        parser.add_argument("--from", dest="caller", default=CALLER, metavar="E164", help="'' for a withheld number")
        parser.add_argument("--lang", choices=["en", "es"], default="en")
        parser.add_argument("--dial", default="completed", choices=["completed", "no-answer", "busy", "failed"])
        parser.add_argument("--level", default="", choices=["", *Level], help="answer it as when so much is away")
        parser.add_argument("--server", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
        parser.add_argument("--real", action="store_true", help="do not mark the call as a test")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        if options["caller"] and not phones.is_e164(options["caller"]):
            raise CommandError("--from needs a number in E.164 form, such as +12025550142.")
        clinic = Clinic.objects.filter(slug=options["clinic"]).first()
        if clinic is None:
            raise CommandError(f"There is no clinic with the slug {options['clinic']}.")
        number = PhoneLine.objects.filter(clinic=clinic, active=True).order_by("id").first()
        if number is None:
            raise CommandError(f"{clinic.name} has no active number.")
        far = FarEnd(clinic, options["server"], dial_outcome=options["dial"])
        try:
            told = self._play(far, number.number, options)
        except Unreachable as error:
            raise CommandError(str(error)) from error
        with inside(clinic):
            told["created"] = created_by(UUID(told["call"])) if told["call"] else []
            told["turns"] = Turn.objects.filter(call_id=told["call"]).count() if told["call"] else 0
        self._print(told, as_json=options["json"])
        if told["faults"]:
            raise CommandError("The call broke the rules of TwiML: " + " ".join(told["faults"]))

    def _play(self, far: FarEnd, number: str, options: dict[str, Any]) -> dict[str, Any]:
        test = not options["real"]
        line, greeting = far.ring(caller=options["caller"], dialled=number, test=test, level=options["level"])
        script: list[tuple[str, str]] = [("assistant", sentence) for sentence in greeting.sentences]
        steps = [greeting]
        deeds = list(options.get("deeds") or [])
        if options["lang"] == "es":
            deeds.insert(0, ("press", "2"))
        for deed, value in deeds:
            if line.over:
                break
            script.append(("caller", value if deed == "say" else f"[{deed} {value or ''}".strip() + "]"))
            heard = self._do(far, line, deed, value)
            steps.append(heard)
            script.extend(("assistant", sentence) for sentence in heard.sentences)
        if not line.over:
            steps.append(far.hang_up(line))
            script.append(("caller", "[hangup]"))
        return {
            "sid": line.sid,
            "call": line.call_id,
            "transcript": [{"who": who, "text": text} for who, text in script],
            "exchanges": [exchange.to_json() for step in steps for exchange in step.exchanges],
            "faults": [fault for step in steps for fault in step.faults],
        }

    def _do(self, far: FarEnd, line: Line, deed: str, value: str) -> Heard:
        match deed:
            case "say":
                return far.say(line, value)
            case "press":
                return far.press(line, value)
            case "silence":
                return far.stay_silent(line)
            case _:
                return far.hang_up(line)

    def _print(self, told: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for line in told["transcript"]:
            self.stdout.write(f"{line['who']:>9}  {line['text']}")
        self.stdout.write("")
        for created in told["created"]:
            self.stdout.write(f"  created  {created['kind']}: {created['label']}")
        if not told["created"]:
            self.stdout.write("  created  nothing")
