"""The operators' list of clinics and how ready each is, with what is missing."""

from __future__ import annotations

from django.contrib import admin

from calls.readiness.keeping import kept, told
from clinics.fleet.models import ClinicPhase
from clinics.operators import OnlyToRead, operators


@admin.register(ClinicPhase, site=operators)
class ClinicPhaseAdmin(OnlyToRead, admin.ModelAdmin):
    """Measured every hour out of each clinic's own rows; who moves a clinic on does so on the page of its policy."""

    list_display = ["clinic", "standing", "missing", "measured_at"]
    list_filter = ["phase"]
    list_select_related = ["clinic"]
    search_fields = ["clinic__name", "clinic__slug"]
    fields = ["clinic", "standing", "missing", "measured_at"]

    @admin.display(description="phase")
    def standing(self, row: ClinicPhase) -> str:
        return told(kept(row))

    @admin.display(description="what is missing")
    def missing(self, row: ClinicPhase) -> str:
        return "; ".join(f"{line.sentence}: {line.shown}, {line.wanted}" for line in kept(row).lines if not line.met)
