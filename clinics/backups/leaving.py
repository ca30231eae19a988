"""A clinic leaves: everything it owns in a form that others can read, and then nothing of it here.

What is exported is opened, so the file is as secret as the patients in it: it is written for its owner alone.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone

from clinics.backups.archive import digest_of
from clinics.backups.erasing import erase
from clinics.backups.folders import folders
from clinics.backups.models import Backup, ClosedClinic
from clinics.models import Agreement, Clinic, Domain, PhoneLine
from clinics.tenancy import inside, outside

APPS = ("calls", "tasks", "escalations", "analytics", "practice", "auditlog")
PEOPLE = ("id", "email", "name", "role", "phone", "is_active", "joined_at", "last_login")
"""What is told of people: who they are, never what they sign in with."""
README = """\
Everything that {name} owns in CliniqAI, as of {moment}.

One file per table, one row per line, as JSON. Times are UTC. A `call_id` names a row of calls.call.jsonl; people are
named by the ids of people.jsonl. audit.* is the trail of who read and changed what, with the seals that prove it.
files/ holds what was uploaded. contents.json counts the rows.
"""
KEPT = (
    "This report, the clinic's name and the agreements in it: HIPAA asks for six years (45 CFR 164.316).",
    "Numbers that said STOP are not kept: whoever rings them next must ask anew.",
    "Backups named below hold the clinic's keys and rows until whoever keeps the files deletes them.",
    "Recordings and messages at the telephone network are its account holder's to delete.",
)


def export(clinic: Clinic, target: Path) -> dict[str, int]:
    """Write everything a clinic owns into a zip that only its owner may read; returns the rows by table."""
    counts: dict[str, int] = {}
    kept = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(kept, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed, inside(clinic):
        packed.writestr("README.txt", README.format(name=clinic.name, moment=f"{timezone.now():%Y-%m-%d %H:%M} UTC"))
        for name, rows in _everything(clinic):
            with packed.open(f"{name}.jsonl", "w", force_zip64=True) as out:
                counts[name] = _write(out, rows)
        _files(packed, clinic)
        packed.writestr("contents.json", json.dumps({"clinic": str(clinic.public_id), "rows": counts}, indent=2))
    return counts


def _everything(clinic: Clinic) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    for label in APPS:
        for model in apps.get_app_config(label).get_models():
            yield f"{label}.{model._meta.model_name}", _rows(model._base_manager.order_by("pk"))
    people = apps.get_model("people", "User")._base_manager.order_by("pk").values(*PEOPLE)
    yield "people", iter(people)
    for model, column in ((Domain, "tenant"), (PhoneLine, "clinic"), (Agreement, "clinic")):
        rows = model.objects.filter(**{column: clinic}).order_by("pk")
        yield f"clinics.{model._meta.model_name}", _rows(rows)


def _rows(found: models.QuerySet) -> Iterator[dict[str, Any]]:
    """Every column, the sealed ones opened, without the digests that only search and the keys of opened files."""
    columns = found.model._meta.concrete_fields
    fields = [field for field in columns if not getattr(field, "made_of", ()) and not field.name.endswith("_key")]
    for row in found.iterator(chunk_size=500):
        yield {field.attname: getattr(row, field.attname) for field in fields}


def _write(out: Any, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    for row in rows:
        out.write(json.dumps(row, cls=_Plain, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count


class _Plain(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        if isinstance(value, bytes | memoryview):
            return bytes(value).hex()
        return super().default(value)


_opened: dict[str, Callable[[], Iterator[tuple[str, Iterable[bytes]]]]] = {}


def open_files(storage: str, each: Callable[[], Iterator[tuple[str, Iterable[bytes]]]]) -> None:
    """Files of this storage are sealed: `each` gives their names and what they hold, inside the clinic."""
    _opened[storage] = each


def _files(packed: zipfile.ZipFile, clinic: Clinic) -> None:
    for storage, folder in folders(clinic.schema_name).items():
        if storage in _opened:
            for name, parts in _opened[storage]():
                with packed.open(f"files/{storage}/{name}", "w", force_zip64=True) as out:
                    for part in parts:
                        out.write(part)
        else:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                packed.write(path, f"files/{storage}/{path.relative_to(folder)}")


class NotReady(Exception):
    """The clinic cannot be closed yet; the text says what is missing."""


def close(clinic: Clinic, *, exported: Path, by: str) -> ClosedClinic:
    """Erase a suspended clinic whose export was handed over, and keep the report of it. Raises `NotReady`."""
    if clinic.suspended_at is None:
        raise NotReady("It still answers its telephone: suspend it first.")
    _check_export(clinic, exported)
    with outside():
        report = {
            "name": clinic.name, "by": by, "opened_at": clinic.created_at.isoformat(),
            "export": {"file": exported.name, "sha256": digest_of(exported)},
            "agreements": [_agreement(one) for one in clinic.agreements.order_by("signed_on")],
            "hosts": list(clinic.domains.values_list("domain", flat=True)),
            "data_keys": list(clinic.data_keys.values_list("pk", flat=True)),
            "backups": [_backup(one) for one in clinic.backups.all()],
            "kept": list(KEPT),
        }  # fmt: skip
        with transaction.atomic():
            closed = ClosedClinic.objects.create(public_id=clinic.public_id, slug=clinic.slug, report=report)
            closed.report["erased"] = asdict(erase(clinic))
            closed.save(update_fields=["report"])
    return closed


def _check_export(clinic: Clinic, exported: Path) -> None:
    try:
        with zipfile.ZipFile(exported) as packed:
            contents, broken = json.loads(packed.read("contents.json")), packed.testzip()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as failure:
        raise NotReady("This is no export: make one with export_clinic and hand it over first.") from failure
    if broken or contents["clinic"] != str(clinic.public_id):
        raise NotReady("This export is not whole, or another clinic's.")


def _agreement(one: Agreement) -> dict[str, str]:
    ended = one.ends_on.isoformat() if one.ends_on else ""
    return {"provider": one.provider, "signed": one.signed_on.isoformat(), "ended": ended, "document": one.document}


def _backup(one: Backup) -> dict[str, str]:
    return {"file": one.file, "sha256": one.digest, "made": one.made_at.isoformat()}
