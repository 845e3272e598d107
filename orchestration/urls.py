"""The pages of orchestration: workflows, what starts their runs, the API, the engine, and what holds work back."""

from django.urls import include, path

from orchestration import api as programs
from orchestration.views import (
    api,
    control,
    dry,
    engine,
    files,
    hooks,
    outcome,
    restarting,
    schema,
    starting,
    tokens,
    triggers,
    workflows,
)

urlpatterns = [
    path("workflows/", workflows.every, name="workflows"),
    path("workflows/<slug:slug>/", workflows.one, name="workflow"),
    path("workflows/<slug:slug>/start/", starting.form, name="start"),
    path("workflows/<slug:slug>/dry/", dry.form, name="dry"),
    path("workflows/<slug:slug>/pause/", control.pause_workflow, name="workflow-pause"),
    path("workflows/<slug:slug>/go-on/", control.release_workflow, name="workflow-go-on"),
    path("workflows/<slug:slug>/triggers/new/", triggers.new, name="trigger-new"),
    path("triggers/<int:pk>/", triggers.one, name="trigger"),
    path("triggers/<int:pk>/edit/", triggers.edit, name="trigger-edit"),
    path("triggers/<int:pk>/pause/", triggers.pause, name="trigger-pause"),
    path("triggers/<int:pk>/go-on/", triggers.go_on, name="trigger-go-on"),
    path("triggers/<int:pk>/secret/", triggers.secret, name="trigger-secret"),
    path("hooks/<slug:public_id>/", hooks.deliver, name="hook"),
    path("settings/tokens/", tokens.every, name="tokens"),
    path("settings/tokens/<int:pk>/withdraw/", tokens.withdraw, name="token-withdraw"),
    path("api/", api.show, name="api"),
    path("api/v1/openapi.json", api.openapi, name="api-openapi"),
    path("api/v1/", include(programs.urls())),
    path("runs/<int:pk>/pause/", control.pause_run, name="run-pause"),
    path("runs/<int:pk>/go-on/", control.release_run, name="run-go-on"),
    path("runs/<int:pk>/cancel/", control.cancel_run, name="run-cancel"),
    path("runs/<int:pk>/restart/", restarting.form, name="restart"),
    path("runs/<int:pk>/files/<slug:digest>/", files.file, name="file"),
    path("runs/<int:pk>/contents/<slug:digest>/", files.content, name="content"),
    path("step-runs/<int:pk>/cancel/", control.cancel_step, name="step-cancel"),
    path("step-runs/<int:pk>/outcome/", outcome.form, name="outcome"),
    path("schema/workflow.json", schema.workflow, name="schema"),
    path("engine/", engine.show, name="engine"),
    path("engine/stop/", control.stop_everything, name="engine-stop"),
    path("engine/go-on/", control.let_go, name="engine-go-on"),
    path("engine/limit/", control.limit, name="engine-limit"),
]
