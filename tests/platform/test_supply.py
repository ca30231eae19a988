"""What the product is made of is written down, under licences that were looked at, and nothing is there by chance."""

from __future__ import annotations

import re

from cliniqai.embedded import inventory
from cliniqai.embedded.inventory import OURS, packages

FREE = {
    "MIT", "MIT-0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "PSF-2.0", "Python-2.0", "0BSD",
    "BSD 3-Clause", "3-Clause BSD License", "Unlicense", "PostgreSQL", "CC0-1.0", "CNRI-Python",
}  # fmt: skip
LOOKED_AT = {
    "LGPL": "used as it comes, not changed and not linked into a binary of ours",
    "LGPL-3.0-only": "the same: psycopg",
    "LGPL-3.0-or-later": "the same",
    "MPL-2.0": "files of it are not changed",
}
OF_ITS_OWN = {
    "axe-playwright-python": "its package says nothing, its repository says MIT; used by tests only",
    "qrcode": "BSD; what is called proprietary are the words of QR Code's trademark",
    "text-unidecode": "may be taken under the Artistic License; used by tests only",
}
"""Packages that say it in words of their own, and what was found out."""


def parts(licence: str) -> set[str]:
    return set(re.split(r" (?:or|and|OR|AND|WITH) |[()]", licence)) - {""}


def test_every_licence_is_one_that_we_looked_at() -> None:
    known = FREE | LOOKED_AT.keys()
    installed = [one for one in packages() if one.licence and one.name not in OF_ITS_OWN]
    odd = {one.name: one.licence for one in installed if not parts(one.licence) <= known}

    assert odd == {}


def test_the_list_of_licences_has_a_line_for_every_pin() -> None:
    found = packages()

    assert inventory.licences(found).count("\n| ") == len(found) + 2


def test_every_package_is_asked_for_by_us_or_by_one_that_is() -> None:
    found = {one.name: {inventory.normal(parent) for parent in one.via} for one in packages()}
    reached = {name for name, via in found.items() if OURS in via}
    while grown := {name for name, via in found.items() if via & reached} - reached:
        reached |= grown

    assert found.keys() - reached == set()


def test_the_bill_names_every_pin_with_its_digests_and_no_reference_leads_nowhere() -> None:
    found = packages()
    bill = inventory.bill(found)
    refs = {one["bom-ref"] for one in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}  # type: ignore[index]

    assert bill["specVersion"] == "1.6"
    assert len(bill["components"]) == len(found)  # type: ignore[arg-type]
    assert all(one["externalReferences"][0]["hashes"] for one in bill["components"])  # type: ignore[index]
    assert {ref for one in bill["dependencies"] for ref in [one["ref"], *one["dependsOn"]]} <= refs  # type: ignore[index]
    assert inventory.bill(packages()) == bill
