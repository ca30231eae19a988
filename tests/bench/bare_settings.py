"""The product's settings with the baseline's one page; `bare.py` leaves nothing of a request's road but the clinic."""

from cliniqai.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.bare"
