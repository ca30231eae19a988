"""The platform's own host: a landing page and the operators' admin."""

from django.urls import include, path

from clinics.admin import operators
from clinics.people.urls import way_in
from clinics.views import landing
from notifications.watching.metrics import metrics

handler400 = "clinics.people.views.bad_request"
handler403 = "clinics.people.views.forbidden"
handler404 = "clinics.people.views.not_found"
handler500 = "clinics.people.views.server_error"

urlpatterns = [
    path("", landing, name="landing"),
    path("", include((way_in, "people"))),
    path("admin/", operators.urls),
    path("metrics", metrics, name="metrics"),
]
