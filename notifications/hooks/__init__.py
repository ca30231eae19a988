"""Webhooks: a clinic's own systems hear what is announced, by ids alone."""
