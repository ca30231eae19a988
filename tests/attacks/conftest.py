"""Clinics with calls in them, for the attacks."""

from tests.product.conftest import calls_at, no_old_cache, patient, person_of

__all__ = ["calls_at", "no_old_cache", "patient", "person_of"]
