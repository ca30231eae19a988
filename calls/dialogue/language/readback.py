"""What was understood, as a voice should say it."""

from __future__ import annotations

from datetime import date

_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
}
_SUFFIX = {1: "st", 2: "nd", 3: "rd"}


def spell(name: str) -> str:
    """Return the letters of `name` for speech, words apart by a full stop: "Ana Paz" reads "A, N, A. P, A, Z"."""
    words = [[char.upper() for char in word if char.isalpha()] for word in name.replace("-", " ").split()]
    return ". ".join(", ".join(letters) for letters in words if letters)


def speak_date(iso: str, lang: str) -> str:
    """Return an ISO date in words: "March 4th, 1982", "4 de marzo de 1982". Anything else comes back as it is."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    if lang == "es":
        number = "1 de" if day.day == 1 else f"{day.day} de"
        return f"{number} {_MONTHS['es'][day.month - 1]} de {day.year}"
    suffix = "th" if 10 <= day.day % 100 <= 20 else _SUFFIX.get(day.day % 10, "th")
    return f"{_MONTHS['en'][day.month - 1]} {day.day}{suffix}, {day.year}"


def speak_number(e164: str, lang: str) -> str:
    """Return a number digit by digit in groups, the same in both languages: "2 0 2, 5 5 5, 0 1 4 2".

    A North American number drops its +1; others are said in groups of three.
    """
    digits = "".join(char for char in e164 if char.isdigit())
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if len(digits) == 10:
        groups = [digits[:3], digits[3:6], digits[6:]]
    else:
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return ", ".join(" ".join(group) for group in groups)
