"""Where the numbers are."""

from django.urls import path

from analytics import api, views

app_name = "analytics"

urlpatterns = [
    path("analytics/", views.numbers, name="numbers"),
    path("analytics/calls/", views.call_rows, name="calls"),
    path("analytics/calls.csv", views.download_calls, name="download_calls"),
    path("analytics/<slug:slug>.csv", views.download, name="download"),
]

api_urlpatterns = [
    path("analytics/summary/", api.Summary.as_view(), name="api-analytics-summary"),
    path("analytics/hourly/", api.Hourly.as_view(), name="api-analytics-hourly"),
    path("analytics/calls/", api.CallRows.as_view(), name="api-analytics-calls"),
    path("analytics/forecast/", api.Forecast.as_view(), name="api-analytics-forecast"),
]
