"""`make sbom`: what CliniqAI is made of, by its pins and what is installed: CycloneDX 1.6 and a list of licences.

Both go to DATA_DIR, as sbom.json and licences.md.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from uuid import NAMESPACE_URL, uuid5

from cliniqai.embedded.lock import normal, reasons
from cliniqai.embedded.places import ROOT, Places

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)(?: ; ([^\\]+))?")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
VIA = re.compile(r"^    # +(?:via )?([A-Za-z0-9._-]+)(?: \(pyproject\.toml(:test)?\))?$")
OURS = "cliniqai"
SPELLED = {
    "apache software license": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0", "mit license": "MIT", "the mit license": "MIT", "bsd license": "BSD",
    "bsd": "BSD", "new bsd": "BSD-3-Clause", "3-clause bsd": "BSD-3-Clause", "bsd 3-clause": "BSD-3-Clause",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "mpl 2.0": "MPL-2.0", "psf": "PSF-2.0",
    "python software foundation license": "PSF-2.0", "isc license (iscl)": "ISC",
    "gnu library or lesser general public license (lgpl)": "LGPL", "lgplv3": "LGPL-3.0-only",
    "public domain": "Public domain", "mit-0": "MIT-0", "the unlicense (unlicense)": "Unlicense",
}  # fmt: skip
"""How older packages spell what SPDX has a name for."""
HEADER = """\
# Licences of what CliniqAI is made of

Written by `make sbom` from what is installed. "asked for by" names us where pyproject.toml asks, with the reason in
requirements.txt.

| package | version | licence | asked for by |
| --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One pin. `licence` is "" when the package is not installed on this machine."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    via: tuple[str, ...]
    licence: str


def packages() -> list[Package]:
    """Every pin of requirements.txt."""
    return [_package(block) for block in _blocks((ROOT / "requirements.txt").read_text().splitlines())]


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if PIN.match(line) and block:
            yield block
            block = []
        if block or PIN.match(line):
            block.append(line)
    if block:
        yield block


def _package(block: list[str]) -> Package:
    pin = PIN.match(block[0])
    assert pin is not None
    via = tuple(found[1] for line in block[1:] if (found := VIA.match(line)) and found[1] != "via")
    return Package(
        normal(pin[1]), pin[2], (pin[3] or "").strip(), tuple(HASH.findall("\n".join(block))), via, licence_of(pin[1])
    )


def licence_of(name: str) -> str:
    """What a package says of its licence, in SPDX's words where they are known; "" when it is not installed."""
    try:
        known: Distribution = distribution(name)
    except PackageNotFoundError:
        return ""
    said = known.metadata
    if expression := said.get("License-Expression"):
        return expression
    classed = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or () if line.startswith("License ::")]
    classed = [line for line in classed if line != "OSI Approved"]
    text = classed or [(said.get("License") or "not said").strip().partition("\n")[0]]
    return " or ".join(SPELLED.get(one.lower(), one) for one in text)


def licences(found: list[Package]) -> str:
    """The list as Markdown."""
    rows = ([one.name, one.version, one.licence or "not installed here", ", ".join(one.via)] for one in found)
    return HEADER + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def bill(found: list[Package]) -> dict[str, object]:
    """The software bill of materials, the same for the same pins."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = reasons(tomllib.loads((ROOT / "pyproject.toml").read_text()))
    root = f"pkg:generic/{OURS}@{project['version']}"
    needs: dict[str, list[str]] = {root: []}
    for one in found:
        needs.setdefault(_purl(one), [])
    by_name = {one.name: _purl(one) for one in found} | {OURS: root}
    for one in found:
        for parent in one.via:
            needs[by_name.get(normal(parent), root)].append(_purl(one))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps([_purl(one) for one in found]))}",
        "version": 1,
        "metadata": {"component": {
            "type": "application", "bom-ref": root, "name": OURS, "version": project["version"],
            "licenses": [{"license": {"id": project["license"]}}],
        }},
        "components": [_component(one, asked.get(one.name, "")) for one in found],
        "dependencies": [{"ref": ref, "dependsOn": sorted(set(refs))} for ref, refs in needs.items()],
    }  # fmt: skip


def _component(one: Package, reason: str) -> dict[str, object]:
    told: dict[str, object] = {
        "type": "library",
        "bom-ref": _purl(one),
        "name": one.name,
        "version": one.version,
        "purl": _purl(one),
        "externalReferences": [
            {"type": "distribution", "url": f"https://pypi.org/project/{one.name}/{one.version}/",
             "hashes": [{"alg": "SHA-256", "content": digest} for digest in one.hashes]}
        ],
    }  # fmt: skip
    if one.licence:
        told["licenses"] = [{"license": {"name": one.licence}}]
    if reason:
        told["description"] = reason
    return told


def _purl(one: Package) -> str:
    return f"pkg:pypi/{one.name}@{one.version}"


def main() -> None:
    found = packages()
    places = Places.of(os.environ)
    places.make()
    (places.data / "licences.md").write_text(licences(found))
    (places.data / "sbom.json").write_text(json.dumps(bill(found), indent=2) + "\n")
    print(f"{len(found)} packages: sbom.json and licences.md in {places.data}")


if __name__ == "__main__":
    main()
