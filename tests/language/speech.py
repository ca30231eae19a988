"""Dates and telephone numbers in the ways people say them, to be read back by the parsers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

EN_MONTHS = [
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
]
ES_MONTHS = [
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
]
_EN_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_EN_ORDINALS = [
    "-",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
_ES_SMALL = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
]
_ES_TENS = ["-", "-", "-", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]


def en_number(number: int) -> str:
    """Say 0 to 99."""
    if number < 20:
        return _EN_SMALL[number]
    tens, ones = divmod(number, 10)
    return _EN_TENS[tens] + (f" {_EN_SMALL[ones]}" if ones else "")


def en_ordinal(number: int) -> str:
    """Say "fourth" for 1 to 31."""
    if number <= 20:
        return _EN_ORDINALS[number]
    if number == 30:
        return "thirtieth"
    return f"{_EN_TENS[number // 10]} {_EN_ORDINALS[number % 10]}"


def en_year(year: int) -> str:
    """Say "nineteen eighty two", "nineteen oh five", "two thousand five", "twenty twelve"."""
    head, tail = divmod(year, 100)
    if year == 2000 or 2000 < year < 2010:
        return "two thousand" + (f" {en_number(tail)}" if tail else "")
    if not tail:
        return f"{en_number(head)} hundred"
    return f"{en_number(head)} {'oh ' if tail < 10 else ''}{en_number(tail)}"


def en_long_year(year: int) -> str:
    """Say "nineteen hundred and eighty two", "two thousand and five"."""
    head, tail = divmod(year, 100)
    first = "two thousand" if head == 20 else f"{en_number(head)} hundred"
    return first + (f" and {en_number(tail)}" if tail else "")


def en_digits(digits: str) -> str:
    """Say "one nine eight oh"."""
    return " ".join("oh" if digit == "0" else _EN_SMALL[int(digit)] for digit in digits)


def es_number(number: int) -> str:
    """Say 0 to 99."""
    if number < 30:
        return _ES_SMALL[number]
    tens, ones = divmod(number, 10)
    return _ES_TENS[tens] + (f" y {_ES_SMALL[ones]}" if ones else "")


def es_year(year: int) -> str:
    """Say "mil novecientos ochenta y dos", "dos mil cinco"."""
    head, tail = divmod(year, 100)
    first = "dos mil" if head == 20 else "mil novecientos"
    return first + (f" {es_number(tail)}" if tail else "")


def es_digits(digits: str) -> str:
    """Say "uno nueve ocho cero"."""
    return " ".join(_ES_SMALL[int(digit)] for digit in digits)


def _suffixed(day: int) -> str:
    return f"{day}{'th' if 10 <= day % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


EN_DATES: Mapping[str, Callable[[date], str]] = {
    "month first": lambda d: f"{EN_MONTHS[d.month - 1]} {en_ordinal(d.day)} {en_year(d.year)}",
    "day of month": lambda d: f"the {en_ordinal(d.day)} of {EN_MONTHS[d.month - 1]} {en_year(d.year)}",
    "month the day": lambda d: f"{EN_MONTHS[d.month - 1]} the {en_ordinal(d.day)}, {en_year(d.year)}".lower(),
    "plain day": lambda d: f"{EN_MONTHS[d.month - 1]} {en_number(d.day)} {en_year(d.year)}".lower(),
    "day first": lambda d: f"{en_ordinal(d.day)} {EN_MONTHS[d.month - 1]} {en_year(d.year)}",
    "long year": lambda d: f"{EN_MONTHS[d.month - 1]} {en_ordinal(d.day)} {en_long_year(d.year)}",
    "year first": lambda d: f"{en_year(d.year)} {EN_MONTHS[d.month - 1]} {en_ordinal(d.day)}",
    "year in digits": lambda d: f"{EN_MONTHS[d.month - 1]} {en_ordinal(d.day)} {en_digits(str(d.year))}",
    "figures in words": lambda d: f"{en_number(d.month)} {en_number(d.day)} {en_year(d.year)}",
    "padded words": lambda d: f"{en_digits(f'{d:%m}')} {en_digits(f'{d:%d}')} {en_year(d.year)}",
    "digit by digit": lambda d: en_digits(f"{d:%m%d}{d.year}"),
    "slashes": lambda d: f"{d.month}/{d.day}/{d.year}",
    "padded slashes": lambda d: f"{d:%m/%d}/{d.year}",
    "dashes": lambda d: f"{d.month}-{d.day}-{d.year}",
    "dots": lambda d: f"{d.month}.{d.day}.{d.year}",
    "spaces": lambda d: f"{d.month} {d.day} {d.year}",
    "run together": lambda d: f"{d:%m%d}{d.year}",
    "iso": lambda d: f"{d.year}-{d:%m-%d}",
    "written": lambda d: f"{EN_MONTHS[d.month - 1]} {d.day}, {d.year}",
    "suffixed": lambda d: f"my birthday is {EN_MONTHS[d.month - 1]} {_suffixed(d.day)} {d.year}",
    "born on": lambda d: (
        f"i was born on the {en_ordinal(d.day)} of {EN_MONTHS[d.month - 1]} in {en_year(d.year)}".lower()
    ),
    "short month": lambda d: f"{EN_MONTHS[d.month - 1][:3]} {d.day} {d.year}",
}
EN_SHORT_DATES: Mapping[str, Callable[[date], str]] = {
    "two figures": lambda d: (
        f"{EN_MONTHS[d.month - 1]} {en_ordinal(d.day)} {en_digits(f'{d:%y}')}"
        if d.year % 100 < 10
        else f"{EN_MONTHS[d.month - 1]} {en_ordinal(d.day)} {en_number(d.year % 100)}"
    ),
    "short slashes": lambda d: f"{d.month}/{d.day}/{d:%y}",
    "short spaces": lambda d: f"{d.month} {d.day} {d:%y}",
    "apostrophe": lambda d: f"{EN_MONTHS[d.month - 1]} {d.day} '{d:%y}",
    "six digits": lambda d: f"{d:%m%d%y}",
}
ES_DATES: Mapping[str, Callable[[date], str]] = {
    "usual": lambda d: f"{d.day} de {ES_MONTHS[d.month - 1]} de {d.year}",
    "in words": lambda d: f"{es_number(d.day)} de {ES_MONTHS[d.month - 1]} de {es_year(d.year)}",
    "with el": lambda d: f"el {es_number(d.day)} de {ES_MONTHS[d.month - 1]} del {es_year(d.year)}",
    "with first": lambda d: (
        f"el {'primero' if d.day == 1 else es_number(d.day)} de {ES_MONTHS[d.month - 1]} de {es_year(d.year)}"
    ),
    "spelled out": lambda d: f"el día {es_number(d.day)} del mes de {ES_MONTHS[d.month - 1]} del año {es_year(d.year)}",
    "month first": lambda d: f"{ES_MONTHS[d.month - 1]} {es_number(d.day)} de {es_year(d.year)}",
    "born": lambda d: f"nací el {es_number(d.day)} de {ES_MONTHS[d.month - 1]} de {es_year(d.year)}",
    "numbered month": lambda d: f"{es_number(d.day)} del {es_number(d.month)} del {es_year(d.year)}",
    "year in digits": lambda d: f"{es_number(d.day)} de {ES_MONTHS[d.month - 1]} {es_digits(str(d.year))}",
    "no little words": lambda d: f"{d.day} {ES_MONTHS[d.month - 1]} {d.year}",
    "iso": lambda d: f"{d.year}-{d:%m-%d}",
}
ES_SHORT_DATES: Mapping[str, Callable[[date], str]] = {
    "two figures": lambda d: f"{es_number(d.day)} de {ES_MONTHS[d.month - 1]} del {es_number(d.year % 100)}",
    "two digits": lambda d: f"{d.day} de {ES_MONTHS[d.month - 1]} del {d:%y}",
    "numbered month": lambda d: f"{es_number(d.day)} del {es_number(d.month)} del {es_number(d.year % 100)}",
}


def _pairs(digits: str, say: Callable[[int], str], zero: str) -> str:
    """Say digits two by two; "05" as zero five."""
    said = []
    for at in range(0, len(digits), 2):
        pair = digits[at : at + 2]
        said.append(f"{zero} {say(int(pair[1]))}" if pair[0] == "0" and len(pair) == 2 else say(int(pair)))
    return " ".join(said)


def _doubled(digits: str) -> str:
    """Say "double five" where a digit comes twice."""
    said, at = [], 0
    while at < len(digits):
        if digits[at : at + 2] == digits[at] * 2:
            said.append(f"double {en_digits(digits[at])}")
            at += 2
        else:
            said.append(en_digits(digits[at]))
            at += 1
    return " ".join(said)


EN_NUMBERS: Mapping[str, Callable[[str], str]] = {
    "digit by digit": en_digits,
    "zero": lambda n: en_digits(n).replace("oh", "zero"),
    "with ones": lambda n: "one " + en_digits(n),
    "area code": lambda n: f"area code {en_digits(n[:3])} {en_digits(n[3:6])} {en_digits(n[6:])}",
    "commas": lambda n: f"{en_digits(n[:3])}, {en_digits(n[3:6])}, {en_digits(n[6:])}",
    "pairs at the end": lambda n: f"{en_digits(n[:3])} {en_digits(n[3:6])} {_pairs(n[6:], en_number, 'oh')}",
    "doubles": _doubled,
    "dashes": lambda n: f"{n[:3]}-{n[3:6]}-{n[6:]}",
    "brackets": lambda n: f"({n[:3]}) {n[3:6]}-{n[6:]}",
    "dots": lambda n: f"{n[:3]}.{n[3:6]}.{n[6:]}",
    "run together": lambda n: f"my number is {n}",
    "country code": lambda n: f"+1 {n[:3]} {n[3:6]} {n[6:]}",
    "plus one": lambda n: f"plus one {en_digits(n[:3])} {en_digits(n[3:])}",
    "and then": lambda n: f"it's {en_digits(n[:3])} uh {en_digits(n[3:6])} and then {en_digits(n[6:])}",
    "spaced": " ".join,
}
ES_NUMBERS: Mapping[str, Callable[[str], str]] = {
    "digit by digit": es_digits,
    "pairs": lambda n: _pairs(n, es_number, "cero"),
    "pairs at the end": lambda n: f"{es_digits(n[:3])} {es_digits(n[3:6])} {_pairs(n[6:], es_number, 'cero')}",
    "commas": lambda n: f"{es_digits(n[:3])}, {es_digits(n[3:6])}, {es_digits(n[6:])}",
    "area code": lambda n: f"código de área {es_digits(n[:3])} número {es_digits(n[3:])}",
    "dashes": lambda n: f"{n[:3]}-{n[3:6]}-{n[6:]}",
    "run together": lambda n: f"mi número es el {n}",
    "country code": lambda n: f"más uno {es_digits(n)}",
    "odd group": lambda n: (
        f"{es_digits(n[0])} {_pairs(n[1:3], es_number, 'cero')} {_pairs(n[3:5], es_number, 'cero')} "
        f"{es_digits(n[5])} {_pairs(n[6:], es_number, 'cero')}"
    ),
    "spaced": " ".join,
}
