from django.urls import path

from calls.phrasing import views

app_name = "phrasing"
urlpatterns = [
    path("settings/wording/", views.sentences, name="sentences"),
    path("settings/wording/<str:key>/", views.sentence, name="sentence"),
]
