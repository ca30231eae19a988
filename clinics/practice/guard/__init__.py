"""Refuses what a clinic's telephone must not say: advice, results, doses, reassurance, empty promises. Pure."""

from clinics.practice.guard.check import Approved, Refusal, check, why_not_published

__all__ = ["Approved", "Refusal", "check", "why_not_published"]
