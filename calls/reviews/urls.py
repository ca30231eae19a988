"""Pages and deeds of reviewing."""

from django.urls import path

from calls.reviews import views

app_name = "reviews"

urlpatterns = [
    path("reviews/", views.review_list, name="list"),
    path("reviews/figures/", views.figures, name="figures"),
    path("reviews/export/", views.export, name="export"),
    path("reviews/<uuid:call_id>/", views.review_detail, name="detail"),
    path("reviews/<uuid:call_id>/save/", views.save_review, name="save_review"),
    path("reviews/<uuid:call_id>/withdraw/", views.withdraw_review, name="withdraw_review"),
]
