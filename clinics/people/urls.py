from django.urls import path

from clinics.people import views
from clinics.people.styleguide import styleguide

app_name = "people"

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("styleguide/", styleguide, name="styleguide"),
]
api_urlpatterns: list = []
