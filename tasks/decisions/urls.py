"""Where doctors decide."""

from django.urls import path

from tasks.decisions import views

app_name = "decisions"

urlpatterns = [
    path("decisions/", views.waiting, name="waiting"),
    path("decisions/today/", views.decided, name="decided"),
    path("decisions/<uuid:task_id>/decide/", views.decide, name="decide"),
    path("decisions/<uuid:task_id>/undo/", views.undo, name="undo"),
    path("decisions/<uuid:task_id>/identity/", views.confirm_identity, name="confirm_identity"),
    path("decisions/<uuid:task_id>/ask/", views.ask_staff, name="ask_staff"),
    path("decisions/<uuid:task_id>/answer/", views.answer_doctor, name="answer_doctor"),
]
