"""The beat of a test, with one line: a canary each second. How it sends is left as it is."""

from cliniqai.celery import app

app.conf.beat_schedule = {"canary": {**app.conf.beat_schedule["canary"], "schedule": 1}}
