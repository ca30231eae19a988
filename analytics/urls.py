"""Where the numbers are."""

from django.urls import path

from analytics import api, views

app_name = "analytics"

urlpatterns = [
    path("analytics/", views.numbers, name="numbers"),
    path("analytics/<slug:slug>.csv", views.download, name="download"),
]

api_urlpatterns = [
    path("analytics/summary/", api.Summary.as_view(), name="api-analytics-summary"),
    path("analytics/hourly/", api.Hourly.as_view(), name="api-analytics-hourly"),
]
