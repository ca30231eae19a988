from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from calls import guarding, missed
        from calls.patients import patient_of_request, patient_still_missed
        from calls.readiness import keeping
        from calls.recordings import exporting, vault
        from clinics.backups.leaving import open_files
        from clinics.fleet.board import offer_column
        from clinics.fleet.waves.watching import offer
        from notifications import doors

        offer("calls", guarding.of_calls)
        offer_column("Phase", keeping.column)
        open_files(vault.STORAGE, exporting.opened)
        for kind in ("task.opened", "task.decided"):
            doors.lend_patients(kind=kind, find=patient_of_request)
        doors.lend_patients(kind="task.missed", find=patient_still_missed)
        doors.lend_patients(kind=missed.KIND, find=missed.patient_of_call)
