"""`{{ task.summary|said }}`: what the telephone wrote down, in the language of the page."""

from __future__ import annotations

from django import template

from clinics import recorded

register = template.Library()


@register.filter
def said(line: object) -> str:
    """A line of a task or an escalation."""
    return recorded.said(str(line))


@register.filter
def topic(name: str) -> str:
    """What a fact is about."""
    return recorded.topic(name)


@register.filter
def kind(code: str) -> str:
    """A kind of finding."""
    return recorded.kind(code)
