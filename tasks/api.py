"""The API of tasks: reading only."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics import audit
from clinics.people.api import Pages
from clinics.people.roles import Permission
from clinics.practice.sensitive import seen_or_404
from tasks.models import Decision, Kind, Priority, Status, Task, TaskQuerySet


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
    created_after = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)

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

    @extend_schema(parameters=[TaskFilter], responses=TaskOut(many=True))
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

    @extend_schema(responses=TaskOut)
    def get(self, request: Request, task_id: UUID) -> Response:
        task = seen_or_404(Task.objects.with_people(), request.user, pk=task_id)
        audit.record_read(by=request.user, what="tasks.task", about=task.id, request=request)
        return Response(TaskOut(task).data)
