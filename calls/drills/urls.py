"""Where drills live."""

from django.urls import path

from calls.drills import views

app_name = "drills"

urlpatterns = [
    path("drills/", views.drill_list, name="list"),
    path("drills/ask/", views.ask, name="ask"),
]
