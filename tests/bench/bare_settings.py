"""The product's settings with nothing left of a request's road but the clinic lookup."""

from cliniqai.settings import *  # noqa: F403

MIDDLEWARE = ["clinics.tenancy.ClinicMiddleware"]
ROOT_URLCONF = "tests.bench.bare"
