from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils import translation
from django.utils.formats import date_format

from clinics import words


class ClinicsConfig(AppConfig):
    name = "clinics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinics import audit, checks, content_types  # noqa: F401  (each registers itself with Django)
        from clinics.fleet.backfills import offer
        from clinics.fleet.board import offer_column
        from clinics.fleet.waves import drift
        from clinics.models import Clinic, Domain, PhoneLine
        from clinics.sealing.reindexing import backfills
        from clinics.tenancy import forget

        offer("indexes", backfills)
        offer_column("Group", drift.column)
        words.bring(words.Catalogue(translation.gettext, translation.ngettext, date_format))
        # The one use of signals: whoever writes these rows (admin, shell), what this process remembers is stale.
        for model in (Clinic, Domain, PhoneLine):
            for signal in (post_save, post_delete):
                signal.connect(forget, sender=model, weak=False, dispatch_uid=f"clinics.forget.{model.__name__}")
