"""`manage.py roll_out TITLE --set FIELD=VALUE [--group SLUG] [--soak MINUTES] [--calls N]`: a change in waves."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from clinics.fleet.waves import deeds, fields
from clinics.fleet.waves.models import FleetChange, Group
from clinics.fleet.waves.views import line


class Command(BaseCommand):
    """Starts a change, does one of its deeds, or without a title lists what is under way."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "title", nargs="?", default="", help="What people call it; left out: list what is under way"
        )
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="may be repeated")
        parser.add_argument("--group", default="", help="the slug of a group; left out: every clinic")
        parser.add_argument("--soak", type=int, default=1440, help="minutes that a wave is watched (1440)")
        parser.add_argument("--calls", type=int, default=20, help="calls that a wave must have had (20)")
        parser.add_argument("--deed", choices=list(deeds.DEEDS), help="instead of starting: do this with TITLE")
        parser.add_argument("--why", default="", help="the reason of a deed")

    def handle(
        self, *, title: str, group: str, soak: int, calls: int, deed: str | None, why: str, **options: object
    ) -> None:
        try:
            if deed:
                self._act(title, deed, why)
            elif title:
                settings = fields.read(options["set"])  # type: ignore[arg-type]
                deeds.start(by=None, title=title, settings=settings, group=_group(group), soak_minutes=soak,
                            least_calls=calls)  # fmt: skip
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from wrong
        for change in deeds.unfinished():
            told = line(change)
            waits = f" ({told['why']})" if told["why"] else ""
            self.stdout.write(f"{change.title}: {change.get_state_display().lower()}, wave {told['wave']}{waits}")

    def _act(self, title: str, deed: str, why: str) -> None:
        found = FleetChange.objects.filter(title=title).first()
        if found is None:
            raise CommandError(f"There is no change called {title!r}.")
        deeds.act(by=None, change_id=found.pk, deed=deed, why=why)


def _group(slug: str) -> Group | None:
    if not slug:
        return None
    found = Group.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no group {slug!r}.")
    return found
