"""The sweeper process."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from notifications.sweeping import sweep_forever, sweep_once


class Command(BaseCommand):
    help = "Finds events and deliveries that nobody picked up, and delivers them. Run one or two."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one pass, then stop")
        parser.add_argument("--workers", type=int, default=4, help="how many workers to wake at most (4)")

    def handle(self, *args: object, **options: object) -> None:
        workers = int(str(options["workers"]))
        if options["once"]:
            done = sweep_once(workers=workers, grace_seconds=0.0)
            self.stdout.write(f"{done} done")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        sweep_forever(workers=workers, go_on=lambda: not stop.is_set())
