"""The API of the clinic's host: the lists of the apps, the schema and its page."""

from django.urls import path

from analytics.urls import api_urlpatterns as analytics
from calls.urls import api_urlpatterns as calls
from clinics.people import reference
from escalations.urls import api_urlpatterns as escalations
from notifications.urls import api_urlpatterns as notifications
from tasks.urls import api_urlpatterns as tasks

urlpatterns = [
    *calls,
    *tasks,
    *escalations,
    *notifications,
    *analytics,
    path("schema/", reference.Schema.as_view(), name="api_schema"),
    path("docs/", reference.page, name="api_docs"),
]
