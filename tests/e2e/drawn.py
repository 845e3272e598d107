"""Runs of every kind of step, standing still at the moments that pages have to show.

Most are rows that no worker takes: nothing in them is ready, and nobody's lease ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import yaml
from django.db import transaction

from audit import proposals
from audit.actors import person
from audit.clock_time import now
from audit.grants import grant
from audit.models import Proposal
from orchestration import control, progress, waived, waivers
from orchestration.batches import keeping as batches
from orchestration.models import Attempt, RoutingDecision, Run, StepRun, Trigger, TriggerFire, Upload
from orchestration.triggers import keeping
from orchestration.triggers.keeping import Wanted
from reviews.models import Review
from tests import signing
from tests.cast import Cast
from tests.e2e import talking
from tests.flow import drawn
from tests.pages.rows import ASKED, Sheet, Spec, decision, parallel, spec
from tests.processes import until
from tests.routing import drawn as routed
from tests.triggers import sheets

CLAIM: list[Spec] = [
    spec("read", "model", name="Read claim", model="openai/large", retry={"tries": 3}),
    parallel(
        "check",
        join={"quorum": 2},
        cover=[spec("cover", name="Check cover", tool="policy.look_up")],
        photos=[spec("photos", "model", name="Read photos", model="openai/large")],
        fraud=[spec("fraud", "agent", name="Look for fraud", tools=["policy.look_up", "claims.search"])],
    ),
    decision(
        "how",
        settle=[
            spec("amount", name="Set amount"),
            decision(
                "large",
                yes=[spec("second", "agent", name="Second opinion", tools=["policy.look_up"], limits={"turns": 5})],
                no=[],
            ),
        ],
        refuse=[spec("refusal", "model", name="Draft refusal")],
    ),
    spec(
        "each",
        "map",
        name="Each invoice",
        over="input.invoices",
        steps=[
            spec("line", "model", name="Read invoice", model="openai/small"),
            decision("known", known=[spec("book", name="Book it")], unknown=[]),
        ],
    ),
    spec("offer", "person", name="Offer gate", review=ASKED, releases=["send", "pay"]),
    spec(
        "send",
        name="Send letter",
        tool="email.send",
        compensate=spec("recall", name="Recall letter", tool="email.send"),
        fallback=spec("post", name="Send by post", review=ASKED),
    ),
    spec("pay", "workflow", name="Pay", workflow="payments", version=1),
    spec("outcome", "outcome", label="'settled'", success="true"),
]
PAYMENT: list[Spec] = [
    spec("order", name="Order payment", tool="bank.pay"),
    spec(
        "arrived",
        "wait",
        name="Payment arrived",
        event="payment.received",
        match="event.claim == input.claim",
        seconds=86400,
    ),
    spec("settled", "outcome", name="Settled"),
]
INPUT: Spec = {
    "type": "object",
    "required": ["claim"],
    "properties": {
        "claim": {"title": "Claim", "type": "string", "maxLength": 100},
        "invoices": {"title": "Invoices", "type": "array", "items": {"type": "string"}},
    },
}
ITEMS = {"done": 3900, "failed": 60, "running": 40}
ALL = 5000


@dataclass(frozen=True)
class Drawn:
    """The runs. `item` is an item of the map in `mapped`, as an address names it."""

    checking: Run
    mapped: Run
    item: str
    paying: Run
    payment: Run
    paused: Run
    undone: Run
    failed: Run
    again: Run
    unknown: StepRun
    gate: Review
    proposed: Proposal
    signed: Proposal
    shop: Trigger
    sent: Upload
    checked: Upload
    stopped: Upload
    nightly: Trigger
    routed: RoutingDecision
    nobody: StepRun
    talking: StepRun
    booked: StepRun


def draw(cast: Cast) -> Drawn:
    """All of them; the gate is a real run, which has come to its review when this returns."""
    claims, payments = Sheet(cast, CLAIM, "storm-claims"), Sheet(cast, PAYMENT, "payments")
    _name(claims, "Storm claims")
    _name(payments, "Payments")
    mapped, each = _mapped(claims)
    paying, payment = _paying(claims, payments)
    failed, again = _failed(claims)
    signed, proposed = _waivers(cast)
    decision, nobody = routed.draw(cast)
    return Drawn(
        routed=decision,
        nobody=nobody,
        talking=talking.draw(cast),
        booked=_booked(cast),
        signed=signed,
        proposed=proposed,
        checking=_checking(claims),
        mapped=mapped,
        item=f"{each.pk}.{ITEMS['done'] + 7}",
        paying=paying,
        payment=payment,
        paused=_paused(claims),
        undone=_undone(claims),
        failed=failed,
        again=again,
        unknown=_unknown(claims),
        gate=_gate(cast),
        shop=_shop(cast),
        **_uploads(cast),
        nightly=_nightly(cast),
    )


def _uploads(cast: Cast) -> dict[str, Upload]:
    """Rows that were sent, rows that were looked through, and rows that were let go and stopped at once."""
    workflow = sheets.counted(cast, "parcels")
    rows = sheets.PEOPLE + b"12,Eva,23.11.2026,fragile;urgent,no\nten,Jon,tomorrow,,\n,Priya,,,maybe\n14,Lea\n"
    with transaction.atomic():
        stopped = sheets.begun(cast, sheets.numbers(9950), workflow)
        batches.stop(stopped.pk, by=cast.adam, why="These are last month's.")
        return {
            "sent": sheets.sent(cast, rows, workflow),
            "checked": sheets.checked(cast, rows, workflow),
            "stopped": stopped,
        }


def _shop(cast: Cast) -> Trigger:
    """A webhook to which a few messages came."""
    mapping = {"question": "payload.text", "customer_name": "payload.from.name", "customer": "payload.from.mail"}
    config = {"mapping": mapping, "headers": ["x-shop"], "per_minute": 60}
    shop, _ = keeping.make(cast.workflow, "webhook", Wanted("Messages from the shop", config), by=cast.adam)
    whole = {"text": "Where is my card?", "from": {"name": "Ines Duarte", "mail": "ines@customer.example"}}
    for result, told, payload in (
        ("refused", "The signature does not fit.", None),
        ("failed", "'payload.from.name' cannot be worked out: No such key: from", {"text": "Where is my card?"}),
        ("refused", "customer: 'ines' is not a 'email'", whole),
    ):
        sample = {"payload": payload, "headers": {"x-shop": "Lisbon"}} if payload else None
        TriggerFire.objects.create(trigger=shop, result=result, told=told, sample=sample)
    return shop


def _nightly(cast: Cast) -> Trigger:
    """A schedule over the nights."""
    mapping = {"question": "'What came in on ' + due.date + '?'", "customer_name": "'Nobody'"}
    mapping["customer"] = "'nobody@customer.example'"
    config = {"cron": "30 2 * * *", "zone": "Europe/Berlin", "missed": "one", "mapping": mapping}
    return keeping.make(cast.workflow, "schedule", Wanted("Every night", config), by=cast.adam)[0]


@contextmanager
def stopped(cast: Cast) -> Iterator[None]:
    """Everything stands still, as long as the block."""
    control.stop_everything(actor=person(cast.adam), by=cast.adam, why="The mail server sends every letter twice.")
    try:
        yield
    finally:
        control.let_go(actor=person(cast.adam), by=cast.adam, why="The mail server is mended.")


def _name(sheet: Sheet, name: str) -> None:
    workflow, version = sheet.version.workflow, sheet.version
    workflow.name, workflow.purpose = name, "Settle what a storm has done, with a person approving every offer."
    workflow.current = version
    workflow.save()
    groups = {"see": ["reviewer", "admin"], "start": ["admin"], "decide": ["reviewer"], "manage": ["admin"]}
    version.document = {"name": name, "input": INPUT, "groups": groups, "steps": sheet.document}
    version.source = yaml.safe_dump(version.document, sort_keys=False)
    version.save()
    for group in ("reviewer", "admin"):
        grant("view_workflow", sheet.cast.groups[group], workflow, actor=person(sheet.cast.adam))
    for may in ("start", "manage"):
        grant(f"{may}_workflow", sheet.cast.groups["admin"], workflow, actor=person(sheet.cast.adam))


def _claim(sheet: Sheet, who: str, *done: str, **fields: Any) -> tuple[Run, dict[str, StepRun]]:
    run = sheet.run(title=f"Storm claim, {who}", input={"claim": who, "invoices": []}, **fields)
    return run, {key: _did(sheet, run, key) for key in done}


def _did(sheet: Sheet, run: Run, key: str, **fields: Any) -> StepRun:
    """A step that is done, tried once: the later it stands in the document, the later."""
    held = sheet.began(run, key, **fields)
    begun = now() - timedelta(minutes=9) + timedelta(seconds=6 * held.step.position)
    ended = begun + timedelta(seconds=2 + held.step.position % 4)
    Attempt.objects.create(
        step_run=held, fence=1, worker="drawer", started_at=begun, ended_at=ended, result="done", tokens_in=900
    )
    return held


def _tried(held: StepRun, *results: tuple[str, str], **fields: Any) -> None:
    begun = now() - timedelta(seconds=30 * (len(results) + 1))
    for number, (result, error) in enumerate(results, start=1):
        begun += timedelta(seconds=25)
        ended = begun + timedelta(seconds=8 + number)
        Attempt.objects.create(
            step_run=held,
            fence=number,
            worker="drawer",
            started_at=begun,
            ended_at=ended,
            result=result,
            error=error,
            **fields,
        )


def _checking(sheet: Sheet) -> Run:
    run, _ = _claim(sheet, "M. Haas")
    read = sheet.began(run, "read", fence=3, output={"pages": 11, "amount": 7480.0})
    _tried(
        read, ("failed", "The model is busy (429)."), ("lost", ""), ("done", ""), model="openai/large", tokens_in=6212
    )
    around = sheet.began(
        run, "check", "waiting", awaits="steps", waiting_since=now(), parts=3, parts_begun=3, parts_done=1
    )
    _did(sheet, run, "cover", parent=around, part=0)
    photos = sheet.began(run, "photos", "running", parent=around, part=1)
    progress.report(photos.pk, 0.42, "photo 4 of 9")
    fraud = sheet.began(run, "fraud", "running", parent=around, part=2, fence=2)
    _tried(fraud, ("failed", "claims.search did not answer within 20 s."))
    return run


def _settled(sheet: Sheet, who: str, *done: str, **fields: Any) -> tuple[Run, dict[str, StepRun]]:
    run, held = _claim(sheet, who, "read", "check", "how", **fields)
    for number, key in enumerate(("cover", "photos")):
        held[key] = _did(sheet, run, key, parent=held["check"], part=number)
    sheet.began(run, "fraud", "cancelled", parent=held["check"], part=2)
    for key, branch in (("how", "settle"), ("large", "no")):
        held[key] = held.get(key) or _did(sheet, run, key, parent=held["how"])
        held[key].output = {"branch": branch}
        held[key].save(update_fields=["output"])
    held["amount"] = _did(sheet, run, "amount", parent=held["how"])
    return run, held | {key: _did(sheet, run, key) for key in done}


def _mapped(sheet: Sheet) -> tuple[Run, StepRun]:
    run, _ = _settled(sheet, "Harbour Hotel")
    counts = {
        "parts": ALL,
        "parts_begun": sum(ITEMS.values()),
        "parts_done": ITEMS["done"],
        "parts_failed": ITEMS["failed"],
    }
    items = [f"Invoice {2300 + number}, {('roof', 'windows', 'cellar')[number % 3]}" for number in range(ALL)]
    each = sheet.began(run, "each", "waiting", awaits="steps", waiting_since=now(), question={"items": items}, **counts)
    sheet.items(each, "line", [status for status, number in ITEMS.items() for _ in range(number)])
    return run, each


def _paying(claims: Sheet, payments: Sheet) -> tuple[Run, Run]:
    run, _ = _settled(claims, "T. Lindner", "each", "offer", "send")
    held = claims.began(run, "pay", "waiting", awaits="run", waiting_since=now())
    child = payments.run(title="Payment to T. Lindner", parent=held, depth=1)
    _did(payments, child, "order")
    later = {"awaits": "event", "awaits_event": "payment.received", "wake_at": now() + timedelta(days=30)}
    payments.began(child, "arrived", "waiting", waiting_since=now() - timedelta(minutes=4), **later)
    return run, child


def _paused(sheet: Sheet) -> Run:
    run, _ = _settled(sheet, "K. Brandt", "each", "offer", status="paused")
    sheet.began(run, "send", "held", fence=0)
    return run


def _undone(sheet: Sheet) -> Run:
    run, held = _settled(sheet, "P. Sommer", "each", "offer", "send", ending="cancelled")
    sheet.began(run, "pay", "cancelled")
    sheet.began(run, "recall", "running", undoes=held["send"])
    return run


def _failed(sheet: Sheet) -> tuple[Run, Run]:
    run, held = _settled(sheet, "R. Ortiz", "each", "offer", status="failed", ended_at=now() - timedelta(minutes=2))
    error = "The mail server refused: no such address."
    send = sheet.began(run, "send", "failed", error=error, fence=2)
    _tried(send, ("failed", "The mail server does not answer."), ("failed", error))
    sheet.began(run, "post", "failed", error="There is no postal address.")
    again = sheet.run(title=run.title, input=run.input, restarted_from=run)
    for key, shared in held.items():
        sheet.began(again, key, shared_from=shared, output=shared.output)
    sheet.began(again, "send", "running")
    return run, again


def _unknown(sheet: Sheet) -> StepRun:
    run, _ = _settled(sheet, "J. Falk", "each", "offer")
    letter = {"to": "falk@customer.example", "subject": "Our offer", "body": "We pay 1,250.00 euros."}
    why = "The worker died while the e-mail was being sent, and the mail server keeps no list."
    asked = {"called": {"tool": "email.send@1", "arguments": letter}, "unknown": why}
    held = sheet.began(run, "send", "waiting", awaits="outcome", waiting_since=now(), question=asked)
    _tried(held, ("lost", ""), acting=True)
    return held


def _gate(cast: Cast) -> Review:
    review = {**drawn.REVIEW, "title": "'Offer to M. Haas'"}
    letter = {"to": "'haas@customer.example'", "subject": "'Our offer'", "body": "'We pay 7,480.00 euros.'"}
    gate = drawn.step("offer", "person", name="Offer gate", review=review, releases=["send"], input={"sum": "7480.0"})
    send = drawn.step("send", name="Send letter", tool="email.send", input=letter)
    run = drawn.start(cast, gate, send, slug="offers", title="'Offer to M. Haas'")
    until(lambda: Review.objects.filter(run=run).exists(), "the run to come to its gate")
    return Review.objects.select_related("workflow").get(run=run)


def _booked(cast: Cast) -> StepRun:
    """A call that has happened, and that another tool undoes."""
    flight = {"flight": "'LH 1172'", "seats": "2"}
    run = drawn.start(cast, drawn.step("book", name="Book seats", tool="test.booked", input=flight), slug="travel")
    until(lambda: StepRun.objects.filter(run=run, status="done").exists(), "the seats to be booked")
    return StepRun.objects.get(run=run)


def _waivers(cast: Cast) -> tuple[Proposal, Proposal]:
    """Olga draws up a workflow with two waivers that end soon, and asks Adam: one he has signed, one is open."""
    olga, last = signing.olga(cast), waived.today() + timedelta(days=4)
    reasons = {
        "sort": "Sorting changes nothing outside, and a person reads every letter before it leaves.",
        "file": "The file is only read, and whoever pays it looks at it again.",
    }
    steps = [
        drawn.step(key, name=name, review={"waiver": {"reason": reasons[key], "until": last.isoformat()}})
        for key, name in (("sort", "Sort the post"), ("file", "Put on file"))
    ]
    groups = {"see": ["reviewer", "admin"], "start": ["admin"], "decide": ["reviewer"], "manage": ["admin", "owner"]}
    more = {"name": "Post of the day", "groups": groups}
    workflow = drawn.publish(replace(cast, adam=olga), *steps, slug="post-of-the-day", **more)
    signed, proposed = (waivers.ask(workflow, key, why, last, by=olga) for key, why in reasons.items())
    return proposals.countersign(signed.pk, by=cast.adam, shown_hash=signed.content_hash), proposed
