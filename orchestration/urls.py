"""The pages of orchestration: workflows, and the form that starts a run."""

from django.urls import path

from orchestration.views import starting, workflows

urlpatterns = [
    path("workflows/", workflows.every, name="workflows"),
    path("workflows/<slug:slug>/", workflows.one, name="workflow"),
    path("workflows/<slug:slug>/start/", starting.form, name="start"),
]
