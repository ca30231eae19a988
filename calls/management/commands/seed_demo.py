"""`manage.py seed_demo`: two demo clinics with people, hours, facts and a little past. Safe to run at every start."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.management.base import BaseCommand, CommandError

from calls.simulator import history
from clinics.actions import open_clinic
from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.practice import actions as practice
from clinics.practice.models import Shift
from clinics.practice.rostering import add_shift
from clinics.tenancy import inside, outside

CLINIC_LINE = "+12025550199"
OPERATOR = "operator@cliniqai.test"
ROTA_SINCE = date(2026, 1, 1)


@dataclass(frozen=True)
class Demo:
    """One demo clinic: what it is called, dialled and asked."""

    slug: str
    name: str
    number: str
    people: tuple[tuple[str, str, Role], ...]
    facts: dict[tuple[str, str], str]
    calls: int
    phase: str


DEMOS = (
    Demo(
        "demo",
        "Riverside Family Practice",
        "+12025550100",
        (
            ("staff", "Sofia Reyes", Role.STAFF),
            ("doctor", "Dr. Daniel Kim", Role.DOCTOR),
            ("admin", "Amara Johnson", Role.ADMIN),
        ),
        {
            ("address", "en"): "We are at 120 Riverside Avenue, second floor.",
            ("address", "es"): "Estamos en el 120 de la avenida Riverside, segundo piso.",
            ("parking", "en"): "You can park free of charge behind the building.",
            ("parking", "es"): "Puede estacionarse gratis detrás del edificio.",
            ("fax", "en"): "Our fax number is 2 0 2, 5 5 5, 0 1 9 8.",
            ("fax", "es"): "Nuestro número de fax es 2 0 2, 5 5 5, 0 1 9 8.",
            ("insurance", "en"): "We accept Medicare, Medicaid, Aetna, Cigna and Blue Cross Blue Shield.",
            ("insurance", "es"): "Aceptamos Medicare, Medicaid, Aetna, Cigna y Blue Cross Blue Shield.",
            ("new_patients", "en"): "Yes, we are taking new patients.",
            ("new_patients", "es"): "Sí, aceptamos pacientes nuevos.",
        },
        calls=len(history.CALLS),
        phase="expansion",
    ),
    Demo(
        "north",
        "Northside Clinic",
        "+12025550101",
        (
            ("staff", "Noah Park", Role.STAFF),
            ("doctor", "Dr. Nadia Rahman", Role.DOCTOR),
            ("admin", "Nora Evans", Role.ADMIN),
        ),
        {
            ("address", "en"): "We are at 7 North Street, across from the library.",
            ("address", "es"): "Estamos en el 7 de la calle North, frente a la biblioteca.",
            ("parking", "en"): "There is street parking on North Street.",
            ("parking", "es"): "Hay estacionamiento en la calle North.",
        },
        calls=3,
        phase="stabilisation",
    ),
)


class Command(BaseCommand):
    help = "Sets up the demo clinics, their people and a little past. Refuses with DEBUG=0."

    def handle(self, *args: object, **options: object) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's sign-ins are no secret, so it runs with DEBUG=1 only.")
        password = demo_password()
        encoded = self._keep_operator(password)
        for demo in DEMOS:
            clinic = Clinic.objects.filter(slug=demo.slug).first() or _open(demo)
            _keep_people(clinic, demo, password, encoded)
            _keep_rota(clinic, demo)
            told = history.tell(clinic, calls=history.CALLS[: demo.calls])
            if told:
                self.stdout.write(f"{demo.name}: {told} past calls.")

    def _keep_operator(self, password: str) -> str:
        """The operator, with this password; returns its hash, which the others share: each costs half a second."""
        with outside():
            user = User.objects.filter(email=OPERATOR).first()
            if user is not None and check_password(password, user.password):
                return user.password
            encoded = make_password(password)
            if user is None:
                user = User.objects.create_superuser(OPERATOR, None, name="Omar Operator")
                self.stdout.write(f"Demo password: {password}")
            user.password = encoded
            user.save(update_fields=["password"])
        return encoded


def demo_password() -> str:
    """DEMO_PASSWORD, else one that is drawn at the first start and kept for its owner's eyes in DATA_DIR."""
    if password := os.environ.get("DEMO_PASSWORD"):
        return password
    path = Path(settings.DATA_DIR) / "demo-password"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(12)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password + "\n")
    return password


def _open(demo: Demo) -> Clinic:
    host = f"{demo.slug}.{settings.BASE_DOMAIN}"
    clinic = open_clinic(
        by=None, name=demo.name, host=host, number=demo.number, slug=demo.slug, clinic_line=CLINIC_LINE
    )
    with inside(clinic):
        practice.publish_policy(by=None, changes={"phase": demo.phase})
        for (topic, language), text in demo.facts.items():
            practice.set_fact(by=None, topic=topic, language=language, text=text)
    return clinic


def _keep_people(clinic: Clinic, demo: Demo, password: str, encoded: str) -> None:
    with inside(clinic):
        for short, name, role in demo.people:
            email = f"{short}@{demo.slug}.test"
            user = User.objects.filter(email=email).first()
            if user is None:
                user = User(email=email, name=name, role=role)
            elif user.password == encoded:
                continue
            user.password = encoded
            user.save()


def _keep_rota(clinic: Clinic, demo: Demo) -> None:
    """The doctor is on call at every hour and the front desk is the backup, until somebody changes it."""
    with inside(clinic):
        if Shift.objects.exists():
            return
        for place, short in enumerate(("doctor", "staff"), start=1):
            person = User.objects.get(email=f"{short}@{demo.slug}.test")
            for day in range(7):
                add_shift(
                    by=None, person=person, place=place, weekday=day, begins=time.min, ends=time.min, since=ROTA_SINCE
                )
        for last, user in enumerate(User.objects.order_by("email").filter(phone="")):
            User.objects.filter(pk=user.pk).update(phone=f"{demo.number[:-2]}8{last}")
