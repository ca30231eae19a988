"""The API of tasks: the list, one task, and what staff and doctors do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics import audit
from clinics.people.api import DEED_ERRORS, ERRORS, IDEMPOTENCY_KEY, Conflict, Moment, Pages, Refusal
from clinics.people.roles import Permission
from clinics.practice.api_use import once
from clinics.practice.sensitive import seen_or_404
from tasks import actions
from tasks.models import Decision, Kind, Priority, Status, Task, TaskQuerySet, Verdict
from tasks.policy import Refused


class PersonOut(serializers.Serializer):
    """A person of the clinic."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class DecisionOut(serializers.ModelSerializer):
    reason = serializers.CharField()
    decided_by = PersonOut()

    class Meta:
        model = Decision
        fields = ("verdict", "reason", "decided_by", "decided_at")
        read_only_fields = fields


class TaskOut(serializers.ModelSerializer):
    """A task; `priority` is a word: emergency, high, normal or low. `decision` is null while nobody has decided."""

    priority = serializers.SerializerMethodField()
    assignee = PersonOut(allow_null=True)
    patient_name = serializers.CharField()
    date_of_birth = serializers.DateField(allow_null=True)
    callback_number = serializers.CharField()
    details = serializers.DictField(child=serializers.CharField())
    decision = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = [
            "id",
            "kind",
            "status",
            "priority",
            "due_at",
            "assignee",
            "patient_name",
            "date_of_birth",
            "callback_number",
            "details",
            "call_id",
            "needs_decision",
            "decision",
            "version",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=[level.name.lower() for level in Priority]))
    def get_priority(self, task: Task) -> str:
        return Priority(task.priority).name.lower()

    @extend_schema_field(DecisionOut(allow_null=True))
    def get_decision(self, task: Task) -> dict | None:
        return DecisionOut(task.decision).data if task.verdict else None


class AssigneeField(serializers.CharField):
    """A person's id, "me", or "none" for what nobody has claimed."""

    def to_internal_value(self, data: object) -> str | UUID:
        text = str(data)
        if text in ("me", "none"):
            return text
        try:
            return UUID(text)
        except ValueError as wrong:
            raise serializers.ValidationError("Write a person's id, me or none.") from wrong


class TaskFilter(serializers.Serializer):
    """What a list of tasks can be narrowed to; a value that makes no sense is refused, never ignored."""

    status = serializers.ChoiceField(choices=Status.choices, required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    assignee = AssigneeField(required=False)
    needs_decision = serializers.BooleanField(required=False)
    created_after = Moment(required=False)
    created_before = Moment(required=False)

    LOOKUPS = {"created_after": "created_at__gte", "created_before": "created_at__lt"}

    def narrow(self, tasks: TaskQuerySet, request: Request) -> TaskQuerySet:
        """The tasks that pass what was asked for."""
        asked = dict(self.validated_data)
        match asked.pop("assignee", None):
            case "me":
                tasks = tasks.filter(assignee=request.user)
            case "none":
                tasks = tasks.filter(assignee=None)
            case UUID() as person:
                tasks = tasks.filter(assignee=person)
        return tasks.filter(**{self.LOOKUPS.get(name, name): value for name, value in asked.items()})


class TaskList(APIView):
    """Tasks, newest first."""

    permission = Permission.SEE_TASKS
    ordering = ("-created_at", "-id")
    pagination_class = Pages

    @extend_schema(parameters=[TaskFilter], responses={200: TaskOut(many=True), **ERRORS})
    def get(self, request: Request) -> Response:
        asked = TaskFilter(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        pages = self.pagination_class()
        tasks = asked.narrow(Task.objects.visible_to(request.user).with_people(), request)
        rows = pages.paginate_queryset(tasks, request, view=self)
        ids = [row.id for row in rows]
        audit.record_read(by=request.user, what="tasks.task list", about=None, request=request, rows=ids)
        return pages.get_paginated_response(TaskOut(rows, many=True).data)


class TaskDetail(APIView):
    """One task."""

    permission = Permission.SEE_TASKS

    @extend_schema(responses={200: TaskOut, **ERRORS})
    def get(self, request: Request, task_id: UUID) -> Response:
        task = seen_or_404(Task.objects.with_people(), request.user, pk=task_id)
        audit.record_read(by=request.user, what="tasks.task", about=task.id, request=request)
        return Response(TaskOut(task).data)


# --- Deeds ---------------------------------------------------------------------------------------------------------
class DeedIn(serializers.Serializer):
    """`version` is that of the task as the caller saw it: of two who act at once, one gets a 409."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class DecisionIn(DeedIn):
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class TaskDeed(APIView):
    """One deed; the answer is the task as it is afterwards."""

    permission: Permission
    asked: type[DeedIn] = DeedIn
    act: Callable[..., Task]

    def post(self, request: Request, task_id: UUID) -> Response:
        asked = self.asked(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: self._do(request, task_id, asked.validated_data))

    def _do(self, request: Request, task_id: UUID, given: dict[str, Any]) -> Response:
        try:
            self.act(by=request.user, task_id=task_id, **given)
        except Task.DoesNotExist as missing:
            raise Http404 from missing
        except actions.Taken as taken:
            raise Conflict("The task has changed since you read it. Read it again.") from taken
        except Refused as refused:
            raise Refusal(str(refused)) from refused
        audit.record_read(by=request.user, what="tasks.task", about=task_id, request=request)
        return Response(TaskOut(seen_or_404(Task.objects.with_people(), request.user, pk=task_id)).data)


def _described(asked: type[DeedIn], summary: str) -> Any:
    return extend_schema(
        parameters=[IDEMPOTENCY_KEY], request=asked, responses={200: TaskOut, **DEED_ERRORS}, description=summary
    )


@extend_schema_view(post=_described(DeedIn, "Take a task on"))
class ClaimTask(TaskDeed):
    permission = Permission.CLAIM_TASKS
    act = staticmethod(actions.claim)


@extend_schema_view(post=_described(DeedIn, "Call a task done"))
class CompleteTask(TaskDeed):
    permission = Permission.COMPLETE_TASKS
    act = staticmethod(actions.complete)


@extend_schema_view(post=_described(DeedIn, "Bring a closed task back to the queue"))
class ReopenTask(TaskDeed):
    permission = Permission.REOPEN_TASKS
    act = staticmethod(actions.reopen)


@extend_schema_view(post=_described(DecisionIn, "Approve or reject a request, as a doctor"))
class DecideTask(TaskDeed):
    permission = Permission.DECIDE_TASKS
    asked = DecisionIn
    act = staticmethod(actions.decide)
