"""The API of the clinic's host: the lists of the apps, the schema and its page."""

from django.urls import path

from calls.urls import api_urlpatterns as calls
from escalations.urls import api_urlpatterns as escalations
from notifications.urls import api_urlpatterns as notifications
from tasks.urls import api_urlpatterns as tasks

urlpatterns = [*calls, *tasks, *escalations, *notifications]
