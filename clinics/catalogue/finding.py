"""Every text of the sources that is shown to people: templates, Python and scripts. No program of gettext's runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

APPS = ("analytics", "calls", "clinics", "escalations", "notifications", "tasks")
ARGUMENTS = {"gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}
OPERATORS = frozenset({"admin.py", "migrations", "management"})
"""What only the people of the platform see stays English, as Django's admin around it is to them."""
IN_FORMS = frozenset({"clinics/practice/models.py"})
"""Where a form shows what the fields say of themselves: `help_text` there is a text, too."""
_NAMES = {f"{name}{kind}": name for name in ARGUMENTS for kind in ("", "_lazy", "_noop")}
_LITERAL = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL = re.compile(rf"\b({'|'.join(sorted(ARGUMENTS, key=len, reverse=True))})\(\s*{_LITERAL}(?:\s*,\s*{_LITERAL})?")


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text: `plural` and `context` are "" where there is none; `where` is the file it was found in."""

    one: str
    plural: str = ""
    context: str = ""
    where: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is looked up by."""
        return self.context, self.one


def all_texts(root: Path = settings.BASE_DIR) -> list[Text]:
    """The texts of the whole product, each place of each."""
    templates = sorted((root / "templates").rglob("*.html"))
    modules = [path for app in APPS for path in sorted((root / app).rglob("*.py")) if not OPERATORS & set(path.parts)]
    found = [text for path in templates for text in _of_template(path, root)]
    found += [text for path in modules for text in _of_module(path, root)]
    return found + of_scripts(root)


def of_scripts(root: Path = settings.BASE_DIR) -> list[Text]:
    """Those that scripts say."""
    scripts = sorted(path for path in (root / "static").glob("*.js") if not path.name.startswith("words."))
    return [text for path in scripts for text in _calls(path.read_text(), str(path.relative_to(root)))]


def _of_template(path: Path, root: Path) -> Iterator[Text]:
    where = str(path.relative_to(root))
    yield from _calls(templatize(path.read_text(), origin=where), where)


def _calls(source: str, where: str) -> Iterator[Text]:
    """Calls of gettext's kin with literals, in a script or in what Django makes of a template."""
    for name, *literals in _CALL.findall(source):
        said = [ast.literal_eval(one) for one in literals[: ARGUMENTS[name]] if one]
        yield _text(name, said, where)


def _of_module(path: Path, root: Path) -> Iterator[Text]:
    where, tree = str(path.relative_to(root)), ast.parse(path.read_text())
    known = _NAMES | _named_otherwise(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = known.get(getattr(node.func, "attr", None) or getattr(node.func, "id", ""))
        said = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name and len(said) >= ARGUMENTS[name]:
            yield _text(name, said, where)
        if where in IN_FORMS:
            yield from (Text(one.value.value, where=where) for one in node.keywords if one.arg == "help_text")


def _named_otherwise(tree: ast.Module) -> dict[str, str]:
    """`from django.utils.translation import gettext_lazy as _`."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    found = ((one.asname, _NAMES.get(one.name)) for node in imports for one in node.names)
    return {asname: name for asname, name in found if asname and name}


def _text(name: str, said: list[str], where: str) -> Text:
    if name.startswith(("p", "np")):
        context, one, *rest = said
        return Text(one, "".join(rest[:1]) if name == "npgettext" else "", context, where)
    return Text(said[0], said[1] if name == "ngettext" else "", where=where)


def by_key(texts: Iterable[Text]) -> dict[tuple[str, str], list[Text]]:
    """The places of each text; a text that has a plural somewhere comes first with it."""
    found: dict[tuple[str, str], list[Text]] = {}
    for text in sorted(texts, key=lambda one: (not one.plural, one.where)):
        found.setdefault(text.key, []).append(text)
    return found
