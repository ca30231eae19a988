"""Recordings and what is kept in spite of age."""

from django.urls import path

from calls.recordings import views

app_name = "recordings"

urlpatterns = [
    path("calls/<uuid:call_id>/recording/", views.of_call, name="of_call"),
    path("recordings/<uuid:recording_id>/", views.listen, name="listen"),
    path("calls/<uuid:call_id>/hold/", views.place_hold, name="place_hold"),
    path("calls/<uuid:call_id>/hold/lift/", views.lift_hold, name="lift_hold"),
]
