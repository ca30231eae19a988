"""Where the queue lives."""

from django.urls import path

from tasks import api, covering, views

app_name = "tasks"

urlpatterns = [
    path("tasks/", views.queue, name="queue"),
    path("tasks/promises/", views.ledger, name="promises"),
    path("tasks/<uuid:task_id>/", views.detail, name="detail"),
    path("tasks/<uuid:task_id>/claim/", views.claim_task, name="claim_task"),
    path("tasks/<uuid:task_id>/release/", views.release_task, name="release_task"),
    path("tasks/<uuid:task_id>/complete/", views.complete_task, name="complete_task"),
    path("tasks/<uuid:task_id>/reopen/", views.reopen_task, name="reopen_task"),
    path("tasks/<uuid:task_id>/cancel/", views.cancel_task, name="cancel_task"),
    path("tasks/<uuid:task_id>/decide/", views.decide_task, name="decide_task"),
    path("tasks/<uuid:task_id>/put-to/", views.put_to, name="put_to"),
    path("settings/cover/", covering.cover, name="cover"),
    path("settings/cover/add/", covering.add_cover, name="add_cover"),
    path("settings/cover/<int:cover_id>/remove/", covering.remove_cover, name="remove_cover"),
    path("tasks/<uuid:task_id>/notes/", views.add_note, name="add_note"),
    path("tasks/<uuid:task_id>/missed/", views.note_missed, name="note_missed"),
]

api_urlpatterns = [
    path("tasks/", api.TaskList.as_view(), name="api-tasks"),
    path("tasks/<uuid:task_id>/", api.TaskDetail.as_view(), name="api-task"),
    path("tasks/<uuid:task_id>/claim/", api.ClaimTask.as_view(), name="api-claim_task"),
    path("tasks/<uuid:task_id>/complete/", api.CompleteTask.as_view(), name="api-complete_task"),
    path("tasks/<uuid:task_id>/reopen/", api.ReopenTask.as_view(), name="api-reopen_task"),
    path("tasks/<uuid:task_id>/decision/", api.DecideTask.as_view(), name="api-decide_task"),
]
