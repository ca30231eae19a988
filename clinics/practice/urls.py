"""Where the audit trail is read."""

from django.urls import path

from clinics.practice.trail import views

app_name = "audit"

urlpatterns = [
    path("audit/", views.trail, name="trail"),
    path("audit/export/", views.export, name="export"),
]
