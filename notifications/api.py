"""`/api/notifications/`: one's own inbox, to read."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.people.roles import Permission
from notifications import actions
from notifications.models import Notification


class NotificationOut(serializers.ModelSerializer):
    title = serializers.CharField(read_only=True)

    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "about", "path", "test", "created_at", "read_at"]
        read_only_fields = fields


class Notifications(GenericAPIView):
    """The signed-in person's notifications, newest first."""

    permission = Permission.SEE_NOTIFICATIONS
    serializer_class = NotificationOut
    ordering = ("-created_at", "-id")

    @extend_schema(
        parameters=[OpenApiParameter("unread", bool, description="Only those not yet read")],
        responses=NotificationOut(many=True),
    )
    def get(self, request: Request) -> Response:
        mine = actions.inbox(by=request.user)
        lines = mine.unread() if _wanted(request.query_params.get("unread", "")) else mine.shown()
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(lines), many=True).data)

    def get_queryset(self) -> object:
        return Notification.objects.none()  # for the description of the API only: `get` reads the caller's own


def _wanted(text: str) -> bool:
    if text.lower() in {"1", "true", "yes"}:
        return True
    if text.lower() in {"", "0", "false", "no"}:
        return False
    raise serializers.ValidationError({"unread": ["Write true or false."]})
