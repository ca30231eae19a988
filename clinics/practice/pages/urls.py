"""Where a clinic's admins set how it works."""

from django.urls import path

from clinics.practice.pages import platform, views

app_name = "practice"

urlpatterns = [
    path("settings/", views.index, name="index"),
    path("settings/platform/", platform.platform, name="platform"),
    path("settings/language/", views.set_language, name="set_language"),
    path("settings/hours/", views.week, name="hours"),
    path("settings/hours/holidays/", views.set_holiday, name="set_holiday"),
    path("settings/hours/holidays/<int:holiday_id>/remove/", views.remove_holiday, name="remove_holiday"),
    path("settings/hours/close/", views.close_now, name="close_now"),
    path("settings/hours/open/", views.open_again, name="open_again"),
    path("settings/policy/", views.policy, name="policy"),
    path("settings/policy/versions/<int:number>/", views.version, name="version"),
    path("settings/policy/versions/<int:number>/restore/", views.restore, name="restore"),
    path("settings/facts/", views.facts, name="facts"),
    path("settings/facts/<int:fact_id>/remove/", views.remove_fact, name="remove_fact"),
]
