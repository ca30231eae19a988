"""`/api/notifications/`: one's own inbox, to read and to mark as read."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.people.api import DEED_ERRORS, ERRORS, IDEMPOTENCY_KEY, Moment
from clinics.people.roles import Permission
from clinics.practice.api_use import once
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
        responses={200: NotificationOut(many=True), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        mine = actions.inbox(by=request.user)
        lines = mine.unread() if _wanted(request.query_params.get("unread", "")) else mine.shown()
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(lines), many=True).data)

    def get_queryset(self) -> object:
        return Notification.objects.none()  # for the description of the API only: `get` reads the caller's own


class ReadNotification(GenericAPIView):
    """Mark one notification as read; a repeat changes nothing."""

    permission = Permission.MARK_NOTIFICATIONS
    serializer_class = NotificationOut

    @extend_schema(parameters=[IDEMPOTENCY_KEY], request=None, responses={200: NotificationOut, **DEED_ERRORS})
    def post(self, request: Request, notification_id: UUID) -> Response:
        return once(request, lambda: self._read(request, notification_id))

    def _read(self, request: Request, notification_id: UUID) -> Response:
        try:
            line = actions.mark_read(by=request.user, notification_id=notification_id)
        except Notification.DoesNotExist as missing:
            raise Http404 from missing
        return Response(NotificationOut(line).data)


class ReadAllIn(serializers.Serializer):
    """`up_to` leaves what came later unread; without it everything is read."""

    up_to = Moment(required=False, allow_null=True, default=None)


class ReadAllOut(serializers.Serializer):
    read = serializers.IntegerField(help_text="How many were unread")


class ReadAllNotifications(GenericAPIView):
    """Mark one's whole inbox as read, up to a moment."""

    permission = Permission.MARK_NOTIFICATIONS
    serializer_class = ReadAllIn

    @extend_schema(
        operation_id="notifications_read_all", parameters=[IDEMPOTENCY_KEY], request=ReadAllIn,
        responses={200: ReadAllOut, **DEED_ERRORS},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = ReadAllIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(
            request,
            lambda: Response({"read": actions.mark_all_read(by=request.user, up_to=asked.validated_data["up_to"])}),
        )


def _wanted(text: str) -> bool:
    if text.lower() in {"1", "true", "yes"}:
        return True
    if text.lower() in {"", "0", "false", "no"}:
        return False
    raise serializers.ValidationError({"unread": [gettext("Write true or false.")]})
