"""The pages of orchestration: workflows, starting and restarting runs, the engine, and what holds work back."""

from django.urls import path

from orchestration.views import control, engine, files, outcome, restarting, schema, starting, workflows

urlpatterns = [
    path("workflows/", workflows.every, name="workflows"),
    path("workflows/<slug:slug>/", workflows.one, name="workflow"),
    path("workflows/<slug:slug>/start/", starting.form, name="start"),
    path("workflows/<slug:slug>/pause/", control.pause_workflow, name="workflow-pause"),
    path("workflows/<slug:slug>/go-on/", control.release_workflow, name="workflow-go-on"),
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
