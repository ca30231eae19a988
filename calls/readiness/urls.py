from django.urls import path

from calls.readiness import views

app_name = "readiness"
urlpatterns = [path("settings/phase/", views.phase, name="phase")]
