"""The safety workbench: figures, drafts, rules, and requests that need a second person."""

from django.urls import path

from calls.workbench import deeds, views

app_name = "safety"

urlpatterns = [
    path("safety/", views.workbench, name="workbench"),
    path("safety/corpus/", views.corpus, name="corpus"),
    path("safety/drafts/new/", views.new_draft, name="new_draft"),
    path("safety/drafts/preview/", views.preview_draft, name="preview_draft"),
    path("safety/drafts/<uuid:own_id>/", views.draft, name="draft"),
    path("safety/drafts/<uuid:own_id>/save/", deeds.save_draft, name="save_draft"),
    path("safety/drafts/<uuid:own_id>/publish/", deeds.publish_draft, name="publish_draft"),
    path("safety/drafts/<uuid:own_id>/discard/", deeds.discard_draft, name="discard_draft"),
    path("safety/own/<uuid:own_id>/", views.own_rule, name="own_rule"),
    path("safety/own/<uuid:own_id>/ask/", deeds.ask_for_change, name="ask_for_change"),
    path("safety/changes/<uuid:change_id>/approve/", deeds.approve_change, name="approve_change"),
    path("safety/changes/<uuid:change_id>/refuse/", deeds.refuse_change, name="refuse_change"),
    path("safety/rules/<str:rule>/", views.rule, name="rule"),
]
