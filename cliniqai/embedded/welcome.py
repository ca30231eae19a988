"""What `make run` tells the person in front of it."""

from __future__ import annotations

from collections.abc import Mapping

from cliniqai.embedded.places import Places

WORDS = (
    "I need a refill of my lisinopril",
    "The CVS on Main Street",
    "Maria Lopez",
    "yes",
    "March 5th 1980",
    "yes",
    "yes",
    "no, that is all",
)
FIRST_CALL = ["--clinic", "demo", *(part for sentence in WORDS for part in ("--say", sentence))]

RUNS = """
CliniqAI runs on http://{domain}:{port}/

  Staff's desk     http://demo.{domain}:{port}/
  Test phone       http://demo.{domain}:{port}/phone/
  Another clinic   http://north.{domain}:{port}/
  Operators        http://{domain}:{port}/admin/

  Sign in as       staff@demo.test, doctor@demo.test or admin@demo.test (the same names at north.test);
                   operator@cliniqai.test for the operators' page
  Password         {password}
"""
RUNS_BARE = """
CliniqAI runs on http://{domain}:{port}/ without a clinic: open one with
`.venv/bin/python manage.py open_clinic NAME --host HOST --number E164`.
"""
FOOT = """\
  Logs             {logs}
  Ctrl-C stops everything.
"""


def welcome(env: Mapping[str, str], places: Places, *, demo: bool) -> str:
    """Where to go and how to sign in."""
    return ((RUNS if demo else RUNS_BARE) + FOOT).format(
        domain=env.get("BASE_DOMAIN", "localhost"),
        port=env["PORT"],
        password=env.get("DEMO_PASSWORD", ""),
        logs=places.logs,
    )
