from django.urls import path

from calls.retention import views

app_name = "retention"
urlpatterns = [path("settings/retention/", views.retention, name="rules")]
