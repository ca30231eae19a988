"""The catalogue of a language as files: the `.po` that people edit, the `.mo` for Django, the words of scripts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings

from clinics.catalogue.finding import Text, all_texts, by_key, of_scripts

WORDS = "words.{}.js"
SCRIPT_HEAD = "// What scripts say in this language. Written by `manage.py catalogue` from clinics/locale.\n"
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""A date would change the file with every run, and says nothing that git does not."""


def place(language: str, kind: str) -> Path:
    """Where the `.po` or the `.mo` of a language is."""
    return settings.BASE_DIR / "clinics" / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def script(language: str) -> Path:
    """Where the words of scripts are."""
    return settings.BASE_DIR / "static" / WORDS.format(language)


def read(language: str) -> Catalog:
    with place(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def renewed(known: Catalog, texts: list[Text]) -> Catalog:
    """The catalogue with exactly these texts: what is known stays, what is new is empty, what is gone is left out."""
    made = Catalog(locale=known.locale, project="CliniqAI", version="1", fuzzy=False)
    made.mime_headers = known.mime_headers  # the plural forms are the file's: CLDR counts a third for millions
    made.creation_date = made.revision_date = UNDATED
    for (context, one), places in sorted(by_key(texts).items()):
        plural = places[0].plural
        before = known.get(one, context=context or None)
        string = before.string if before and before.pluralizable == bool(plural) else None
        made.add(
            (one, plural) if plural else one,
            string,
            locations=[(path, None) for path in dict.fromkeys(text.where for text in places)],
            flags={"python-format"} if "%(" in one else set(),
            context=context or None,
        )
    return made


def as_po(catalogue: Catalog, head: str) -> str:
    """What people edit; `head` is the file's first paragraph, which is theirs: the glossary and the headers."""
    file = BytesIO()
    write_po(file, catalogue, width=120, omit_header=True, sort_output=True)
    return f"{head}\n\n{file.getvalue().decode()}"


def as_mo(catalogue: Catalog) -> bytes:
    """What Django reads."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def as_script(catalogue: Catalog) -> str:
    """`window.words`: each text of the scripts with what is said instead, or the pair of one and many."""
    said = {}
    for context, one in sorted({text.key for text in of_scripts()}):
        message = catalogue.get(one, context=context or None)
        if message and complete(message):
            said[f"{context}|{one}" if context else one] = (
                message.string if isinstance(message.string, str) else list(message.string)
            )
    lines = "".join(f"  {json.dumps(one)}: {json.dumps(said[one], ensure_ascii=False)},\n" for one in said)
    return f"{SCRIPT_HEAD}window.words = {{\n{lines}}};\n"


def complete(message: Message) -> bool:
    """Whether every form of a text is translated, and by nobody's guess."""
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(strings) and not message.fuzzy


def written(language: str) -> list[Message]:
    """Bring the files of a language up to the sources; returns the texts that still wait for their translation."""
    file = place(language, "po")
    catalogue = renewed(read(language), all_texts())
    file.write_text(as_po(catalogue, file.read_text().partition("\n\n")[0]))
    place(language, "mo").write_bytes(as_mo(catalogue))
    script(language).write_text(as_script(catalogue))
    return [message for message in catalogue if message.id and not complete(message)]
