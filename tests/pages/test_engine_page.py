"""The engine's page: what runs now, what holds it back, and who is at work; and RQ's own pages."""

from typing import Any

import pytest
from django.test import Client
from redis.exceptions import ConnectionError as Away
from rq import Queue, Worker

from audit.actors import person
from orchestration import attendance, control, queue, workflows
from orchestration.models import StepRun
from tests.cast import DOCUMENT, Cast
from tests.pages.conftest import Look

pytestmark = pytest.mark.usefixtures("models")
RQ = ("/admin/", "/admin/queued/", "/admin/started/", "/admin/failed/", "/admin/workers/")


def test_it_counts_by_workflow(cast: Cast, look: Look) -> None:
    cast.waiting()
    cast.start()
    seen = look(cast.adam, "/engine/")
    (line,) = seen.context["work"].lines
    assert (line.live, line.paused, line.steps) == (2, 0, (0, 1, 0, 1, 0))
    assert "0 steps in flight" in seen.text
    assert "1 ready, 0 held back, 1 waiting for people, 0 for other things." in seen.text


def test_it_counts_what_is_in_flight_by_model_and_limit(cast: Cast, look: Look) -> None:
    step_run = StepRun.objects.get(run=cast.start())
    StepRun.objects.filter(pk=step_run.pk).update(status="running", lane="model:handrail/intent")
    control.set_limit("model:handrail/intent", 3, actor=person(cast.adam))
    seen = look(cast.adam, "/engine/")
    lanes = {lane.lane: (lane.in_flight, lane.at_once) for lane in seen.context["work"].lanes}
    assert lanes == {
        "model:handrail/intent": (1, 3),
        "model:handrail/scripted": (0, None),
        "tool:email.send": (0, None),
    }
    assert "1 of 3" in seen.text


def test_it_offers_the_stop_button_to_those_who_may(cast: Cast, look: Look) -> None:
    cast.noah.groups.add(cast.groups["owner"])
    assert 'action="/engine/stop/"' in look(cast.adam, "/engine/").html
    page = look(cast.noah, "/engine/").html
    assert 'action="/engine/stop/"' not in page
    assert 'action="/engine/limit/"' not in page
    assert 'action="/workflows/answer-a-customer/pause/"' in page


def test_it_says_who_stopped_everything_and_offers_the_way_back(cast: Cast, look: Look) -> None:
    control.stop_everything(actor=person(cast.adam), by=cast.adam, why="Too many <b>letters</b>\u202e.")
    seen = look(cast.adam, "/engine/")
    assert "Adam Novak stopped it on" in seen.text
    assert "Too many &lt;b&gt;letters&lt;/b&gt;" in seen.html
    assert "\u202e" not in seen.html
    assert 'action="/engine/go-on/"' in seen.html


def test_a_paused_workflow_can_go_on_from_there(cast: Cast, look: Look) -> None:
    control.pause_workflow(cast.workflow, actor=person(cast.adam))
    page = look(cast.adam, "/engine/").html
    assert 'action="/workflows/answer-a-customer/go-on/"' in page
    assert 'action="/workflows/answer-a-customer/pause/"' not in page


def test_it_stands_in_the_navigation_of_those_who_may_open_it(cast: Cast, look: Look) -> None:
    assert 'href="/engine/"' in look(cast.adam, "/").html
    assert 'href="/engine/"' not in look(cast.rita, "/").html
    assert look(cast.rita, "/engine/").status == look(cast.mina, "/engine/").status == 404


def test_it_names_the_workers_and_when_they_were_heard(cast: Cast, look: Look) -> None:
    bells = queue.bells()
    worker: Any = Worker([bells], connection=bells.connection, serializer=bells.serializer)
    worker.register_birth()
    try:
        (present,) = [one for one in attendance.workers() or [] if one.place.endswith(f":{worker.pid}")]
        assert present.last_heard is not None
        assert present.place in look(cast.adam, "/engine/").text
        assert worker.name in look(cast.adam, "/admin/workers/").text
    finally:
        worker.register_death()


def test_it_works_while_redis_is_away(cast: Cast, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> None:
        raise Away("nobody there")

    monkeypatch.setattr(Worker, "all", away)
    seen = look(cast.adam, "/engine/")
    assert seen.status == 200
    assert "The queue is away" in seen.text


def test_the_number_of_queries_does_not_grow(cast: Cast, look: Look) -> None:
    cast.waiting()
    before = look(cast.adam, "/engine/").queries
    source = DOCUMENT.read_text().replace("slug: answer-a-customer", "slug: another")
    workflows.publish(source, actor=person(cast.adam), by=cast.adam)
    cast.waiting()
    cast.start()
    control.set_limit("tool:email.send", 3, actor=person(cast.adam))
    assert look(cast.adam, "/engine/").queries == before <= 21


@pytest.mark.parametrize("path", RQ)
def test_rqs_pages_are_for_those_who_may_stop_everything(cast: Cast, path: str) -> None:
    client = Client()
    client.force_login(cast.adam)
    assert client.get(path).status_code == 200
    assert client.post(path, {"action": "delete"}).status_code == 405
    client.force_login(cast.mina)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", RQ)
def test_rqs_pages_keep_to_the_content_policy(cast: Cast, look: Look, path: str) -> None:
    page = look(cast.adam, path).html
    assert "<script>" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert 'method="post"' not in page.partition("<main")[2].partition("</main>")[0]


def test_rqs_pages_show_the_bells(cast: Cast, look: Look) -> None:
    bells = queue.bells()
    bells.connection.delete(bells.key)
    at_once = Queue(bells.name, connection=bells.connection, serializer=bells.serializer)  # ours waits for a commit
    job = at_once.enqueue_call(queue.ADVANCE, args=(None,), ttl=60)
    try:
        text = look(cast.adam, "/admin/queued/").text
        assert job.id in text
        assert queue.ADVANCE in text
    finally:
        job.delete()


@pytest.mark.parametrize(
    "path", ["/admin/auth/user/", "/admin/audit/user/", "/admin/login/", "/admin/queues/0/empty/", "/admin/jsi18n/"]
)
def test_nothing_else_of_djangos_admin_is_there(cast: Cast, path: str) -> None:
    cast.adam.is_staff = cast.adam.is_superuser = True
    cast.adam.save()
    client = Client()
    client.force_login(cast.adam)
    assert client.get(path).status_code == 404


def test_rqs_pages_say_when_the_queue_is_away(cast: Cast, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise Away("nobody there")

    monkeypatch.setattr("django_rq.utils.clean_registries", away)
    seen = look(cast.adam, "/admin/")
    assert seen.status == 503
    assert "Redis does not answer" in seen.text
