"""The words around which numbers and names give a person away: dates, streets, numbers of accounts. Pure data."""

from __future__ import annotations

from calls.dialogue.language.dates import MONTHS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MONTH_WORDS = frozenset(MONTHS) - {"mar", "may"}
"""Month names that are nothing else; "may" counts where a figure stands beside it."""
MAYBE_MONTHS = frozenset({"may", "mar"})

_EN_NUMBERS = """
oh zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand double triple first
second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth
seventeenth eighteenth nineteenth twentieth thirtieth"""
_ES_NUMBERS = """
cero uno un una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis
veintisiete veintiocho veintinueve treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento doscientos
trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos mil doble primero primer"""
NUMBER_WORDS = {"en": _words(_EN_NUMBERS), "es": _words(_ES_NUMBERS)}
GLUE = {"en": frozenset({"of", "the", "and", "in", "o"}), "es": frozenset({"de", "del", "el", "y"})}
"""Words inside a spoken number or date that are neither its beginning nor its end."""

STREETS = _words("street avenue boulevard lane parkway")
MAYBE_STREETS = _words("road drive court terrace highway")
"""Words that are a street only beside a number or a name in capitals: "hit by a car on our road" is none."""
UNITS = _words("apartment apt suite apartamento")
"""A number must follow: "the apartment is full of smoke" is no address."""
CALLES = _words("calle avenida avenidas carretera paseo bulevar colonia")

LEADS: tuple[tuple[str, str], ...] = (
    ("my address is", "[place]"),
    ("address is", "[place]"),
    ("i live at", "[place]"),
    ("i live in", "[place]"),
    ("i live on", "[place]"),
    ("we live in", "[place]"),
    ("we live at", "[place]"),
    ("vivo en", "[place]"),
    ("mi direccion es", "[place]"),
    ("direccion es", "[place]"),
    ("member id", "[id]"),
    ("member number", "[id]"),
    ("policy number", "[id]"),
    ("insurance number", "[id]"),
    ("insurance id", "[id]"),
    ("group number", "[id]"),
    ("medicare number", "[id]"),
    ("medicaid number", "[id]"),
    ("record number", "[id]"),
    ("chart number", "[id]"),
    ("account number", "[id]"),
    ("social security", "[id]"),
    ("numero de socio", "[id]"),
    ("numero de miembro", "[id]"),
    ("numero de poliza", "[id]"),
    ("numero de seguro", "[id]"),
    ("seguro social", "[id]"),
)
"""What an address or a number of an account follows, in folded words, and what is written instead of it."""

TITLES = _words("dr dra mr mrs ms mister missus sr sra srta")
"""A name follows these, however it is written."""
MAYBE_TITLES = _words("doctor doctora nurse miss don dona senor senora senorita")
"""A name follows these where it has a capital: "my doctor retired"."""
NOT_NAMES = _words("""
    the a an my his her your our their is was are said says told and or but to for about on at in of who that this
    please today tomorrow here there called gave wants wanted has had will would can could not you i me he she it they
    appointment office visit right away now yet prescribed changed line number note practitioner station el la los las
    mi su un una es esta dijo dice me le que y o pero por para con de del en hoy manana aqui quien cita no""")
"""What may follow "doctor" without being a name."""

ENDS_ADDRESS = _words("""and but because i im ive he she we they my with when who need having have has had cant cannot
    y pero porque yo no me mi ella tengo tiene estoy necesito con cuando quiero llamo""")
"""A word after which the caller speaks of something else than where they live."""

SINGLE_DIGITS = _words("""oh zero one two three four five six seven eight nine
cero uno dos tres cuatro cinco seis siete ocho nueve""")

NAME_LEADS = (
    "name is",
    "names",
    "last name",
    "first name",
    "named",
    "called",
    "llamo",
    "llama",
    "nombre es",
    "apellido es",
)
"""After these a single word in lower case is a name; after "I'm" it is mostly not ("I'm shaking")."""
WORDS_OF_ONE_LETTER = {"en": frozenset({"i", "a"}), "es": frozenset({"y", "o", "a", "e", "u"})}

WITHOUT_MEANING = _words("de del la las los y von van der den da di dos the a of and st san")
"""Parts of a name that are ordinary words: they alone give nobody away."""
