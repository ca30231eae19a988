"""Where sensitive calls are marked, opened and looked after."""

from django.urls import path

from calls.sensitive import views

app_name = "sensitive"

urlpatterns = [
    path("calls/<uuid:call_id>/break-glass/", views.break_glass, name="break_glass"),
    path("calls/<uuid:call_id>/give-back/", views.give_back, name="give_back"),
    path("settings/sensitive/", views.overview, name="overview"),
    path("settings/sensitive/numbers/", views.protect_number, name="protect_number"),
    path("settings/sensitive/numbers/<int:number_id>/forget/", views.forget_number, name="forget_number"),
    path("settings/sensitive/openings/<uuid:glass_id>/", views.review_opening, name="review_opening"),
    path("settings/sensitive/<uuid:call_id>/", views.call_settings, name="call"),
    path("settings/sensitive/<uuid:call_id>/mark/", views.mark_call, name="mark_call"),
    path("settings/sensitive/<uuid:call_id>/people/", views.name_people, name="name_people"),
    path("settings/sensitive/<uuid:call_id>/lift/", views.lift, name="lift"),
]
