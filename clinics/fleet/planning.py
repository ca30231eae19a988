"""The plan of one release: what its migrations do to which clinics, and the way back, in a file that people keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

from clinics.backups.models import Backup
from clinics.fleet.behind import Key, lacking
from clinics.models import Clinic, Ring
from clinics.tenancy import PUBLIC

TAKES_AWAY = (migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel)


@dataclass(frozen=True, slots=True)
class Step:
    """One migration that is to come, and how it is undone."""

    key: Key
    before: str
    takes_away: bool
    reversible: bool
    schemas: int

    @property
    def back(self) -> str:
        app, name = self.key
        if self.takes_away:
            return "restore the clinics from the backups below: it takes something away"
        if not self.reversible:
            return "leave it: it cannot be undone, and the release before does not mind it"
        return f"leave it, or `manage.py migrate_schemas {app} {self.before or 'zero'}` (undoes {name})"


def steps() -> list[Step]:
    """What is to be done, in the order in which it is done."""
    loader = MigrationLoader(connection)
    schemas = [PUBLIC, *Clinic.objects.exclude(schema_name=PUBLIC).values_list("schema_name", flat=True)]
    missing = lacking(schemas, loader.graph.nodes)
    counts: dict[Key, int] = {}
    for keys in missing.values():
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    order = [key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf)]
    return [_step(loader, key, counts[key]) for key in dict.fromkeys(order) if key in counts]


def _step(loader: MigrationLoader, key: Key, schemas: int) -> Step:
    operations = loader.get_migration(*key).operations
    parents = [parent.key for parent in loader.graph.node_map[key].parents if parent.key[0] == key[0]]
    return Step(
        key=key,
        before=parents[0][1] if parents else "",
        takes_away=any(isinstance(one, TAKES_AWAY) for one in operations),
        reversible=all(one.reversible for one in operations),
        schemas=schemas,
    )


def plan(todo: Sequence[Step], backups: Sequence[Backup], *, moment: str) -> str:
    """The plan as Markdown."""
    rings = {ring: Clinic.objects.exclude(schema_name=PUBLIC).filter(ring=ring).count() for ring in Ring.values}
    lines = [f"# Release of {moment}", "", "## Forward", ""]
    lines += [f"- `manage.py migrate_clinics --ring {ring}`: {count} clinics" for ring, count in rings.items()]
    lines += ["", "Then the new code. Between rings look at /admin/fleet/.", "", "## Migrations", ""]
    lines += [f"- {'.'.join(step.key)}, in {step.schemas} schemas. Back: {step.back}." for step in todo] or ["None."]
    lines += ["", "## Back", "", BACK, "", "## Backups", ""]
    lines += [f"- {one.file}, {one.size} bytes, SHA-256 {one.digest}" for one in backups] or ["None were made."]
    return "\n".join(lines) + "\n"


BACK = """\
1. Stop the rollout: what is not migrated stays as it is, and old code serves both.
2. Start the release before on all processes. Additive migrations stay; that release was tested on them.
3. Only where a migration took something away: `manage.py restore_clinic FILE --confirm SLUG`, clinic by clinic.
4. `manage.py migrate_clinics --check` with the release that now runs says whether its schemas are whole."""
