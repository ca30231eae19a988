"""Keys to the API: drawn once, shown once, kept as a digest."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clinics.people.models import ApiToken, User

_SHAPE = re.compile(rb"[A-Za-z0-9_-]{43}")
_SEEN_EVERY = timedelta(minutes=5)


def issue_token(*, user: User) -> str:
    """A new token for a person; this is the only time that it can be read."""
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=ApiToken.digest_of(token))
    return token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token ...`, for the clinic in whose schema the token was issued."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _, rest = get_authorization_header(request).partition(b" ")
        if kind.lower() != b"token":
            return None
        if not _SHAPE.fullmatch(rest):
            raise AuthenticationFailed("This token is not valid.")
        digest = ApiToken.digest_of(rest.decode())
        token = ApiToken.objects.select_related("user").filter(digest=digest, revoked_at=None).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed("This token is not valid.")
        _note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


def _note_use(token: ApiToken) -> None:
    """Keep when a token was last used, to a few minutes: an API read must not write a row each time."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _SEEN_EVERY)
    if token.last_used_at is None or token.last_used_at < now - _SEEN_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
