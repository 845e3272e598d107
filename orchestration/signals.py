"""The one signal of the engine: a step began to wait. Sent inside the transaction; a sweep finds what was missed."""

from django.dispatch import Signal

step_waiting = Signal()  # step_run: StepRun
step_asked_anew = Signal()  # step_run: StepRun, actor: Actor, why: str; what it asked no longer stands
step_cancelled = Signal()  # step_run: StepRun, actor: Actor
run_moved = Signal()  # run: Run (at its new version), by: User
