"""Where the queue lives."""

from django.urls import path

from tasks import api, covering, deeds, many, views

app_name = "tasks"

urlpatterns = [
    path("tasks/", views.queue, name="queue"),
    path("tasks/search/", views.find, name="find"),
    path("tasks/looking/", views.look, name="look"),
    path("tasks/views/", views.save_view, name="save_view"),
    path("tasks/views/<uuid:view_id>/forget/", views.forget_view, name="forget_view"),
    path("tasks/row/", deeds.row_deed, name="row_deed"),
    path("tasks/many/", many.do_many, name="do_many"),
    path("tasks/undo/", many.undo, name="undo"),
    path("tasks/promises/", views.ledger, name="promises"),
    path("tasks/<uuid:task_id>/", views.detail, name="detail"),
    path("tasks/<uuid:task_id>/claim/", deeds.claim_task, name="claim_task"),
    path("tasks/<uuid:task_id>/release/", deeds.release_task, name="release_task"),
    path("tasks/<uuid:task_id>/complete/", deeds.complete_task, name="complete_task"),
    path("tasks/<uuid:task_id>/reopen/", deeds.reopen_task, name="reopen_task"),
    path("tasks/<uuid:task_id>/assign/", deeds.assign_task, name="assign_task"),
    path("tasks/<uuid:task_id>/snooze/", deeds.snooze_task, name="snooze_task"),
    path("tasks/<uuid:task_id>/wake/", deeds.wake_task, name="wake_task"),
    path("tasks/<uuid:task_id>/cancel/", deeds.cancel_task, name="cancel_task"),
    path("tasks/<uuid:task_id>/decide/", deeds.decide_task, name="decide_task"),
    path("tasks/<uuid:task_id>/put-to/", deeds.put_to, name="put_to"),
    path("settings/cover/", covering.cover, name="cover"),
    path("settings/cover/add/", covering.add_cover, name="add_cover"),
    path("settings/cover/<int:cover_id>/remove/", covering.remove_cover, name="remove_cover"),
    path("tasks/<uuid:task_id>/notes/", deeds.add_note, name="add_note"),
    path("tasks/<uuid:task_id>/missed/", deeds.note_missed, name="note_missed"),
]

api_urlpatterns = [
    path("tasks/", api.TaskList.as_view(), name="api-tasks"),
    path("tasks/<uuid:task_id>/", api.TaskDetail.as_view(), name="api-task"),
    path("tasks/<uuid:task_id>/claim/", api.ClaimTask.as_view(), name="api-claim_task"),
    path("tasks/<uuid:task_id>/complete/", api.CompleteTask.as_view(), name="api-complete_task"),
    path("tasks/<uuid:task_id>/reopen/", api.ReopenTask.as_view(), name="api-reopen_task"),
    path("tasks/<uuid:task_id>/decision/", api.DecideTask.as_view(), name="api-decide_task"),
]
