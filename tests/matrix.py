"""What every address answers to whom: the table that the permission tests hold against the URL map."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver

from audit.actors import COMMAND
from audit.clock_time import now
from audit.models import User
from orchestration import catalog, contents, drafts, files
from orchestration.agents import keeping as agents
from orchestration.batches import keeping as batches
from orchestration.batches import pieces, receiving
from orchestration.catalog import connecting
from orchestration.catalog import keeping as model_keys
from orchestration.models import (
    Agent,
    AgentVersion,
    Connection,
    KeptKey,
    Model,
    Pattern,
    RoutingDecision,
    RuleSet,
    Step,
    Tool,
    Trigger,
    Upload,
)
from orchestration.policies import asking
from orchestration.policies import beginnings as first_rules
from orchestration.policies import drafts as policies
from orchestration.policies.facts import Facts
from orchestration.routing.patterns import keeping as patterns
from orchestration.triggers import keeping, tokens
from orchestration.triggers.keeping import Wanted
from orchestration.uploads import Upload as Sent
from reviews import commenting
from reviews.desk import saved
from reviews.models import Calendar, Opinion
from reviews.notices import links
from reviews.reaching import Channel, Hook, HookDelivery, Kind
from reviews.webhooks import keeping as outgoing
from reviews.when import keeping as calendars
from reviews.who import absences, holders, opinions
from tests import matrix_accounts as own
from tests.when.hours import made

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
SAFE = ("GET", "HEAD")
ACTORS = ("anonymous", "noah", "olga", "rita", "ravi", "mina", "adam")
SIGNED_IN = ACTORS[1:]
SEEING = ("rita", "ravi", "mina", "adam")  # who may see the workflow; Olga reviews another one, Noah has no role
STRANGERS = ("noah", "olga")
TO_LOGIN, DONE, MOVED, REFUSED, MISSING, NO_SUCH_METHOD = 302, 200, 303, 403, 404, 405
NOTHING, CONFLICT, UNPROCESSABLE = 204, 409, 422

type Statuses = dict[str, int]
type Argument = Callable[[Any], dict[str, Any]]
type Posted = Callable[[Any], dict[str, Any]]


class Address(NamedTuple):
    """One entry of the URL map."""

    name: str
    route: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """What one address answers: by method, and by actor. What no method says is refused as no such method."""

    methods: dict[str, Statuses]
    at: Argument = lambda world: {}
    missing: dict[str, Any] = field(default_factory=dict)
    post: Posted = lambda world: {}
    tokenless: bool = False  # programs knock there: what opens it is no cookie, so no form needs a token
    unheard: Statuses = field(default_factory=lambda: all_signed_in(NO_SUCH_METHOD))

    def expected(self, method: str, actor: str) -> int:
        """The status that this actor must get."""
        return self.methods.get(method, self.unheard)[actor]


def all_signed_in(status: int) -> Statuses:
    """The same for everybody who is signed in; all others are sent to the login."""
    return {"anonymous": TO_LOGIN} | dict.fromkeys(SIGNED_IN, status)


def only(*actors: str, status: int = DONE, others: int = MISSING, but: Statuses | None = None) -> Statuses:
    """`status` for those actors, and `others` for everybody else."""
    return all_signed_in(others) | dict.fromkeys(actors, status) | (but or {})


def reading(statuses: Statuses) -> dict[str, Statuses]:
    """The same for GET and HEAD."""
    return dict.fromkeys(SAFE, statuses)


def of_review(name: str) -> Argument:
    """The argument of an address under one of the world's reviews."""
    return lambda world: {"pk": world[name].pk}


def decision(world: Any) -> dict[str, Any]:
    """What the form of a review sends for an approval as written."""
    review = world["open"]
    return {"verdict": "approved", "version": str(review.version), "shown_hash": review.content_hash}


def to_ravi(world: Any) -> dict[str, Any]:
    """What the form sends that gives a review to Ravi."""
    return {"to": str(world["cast"].ravi.pk), "was": ""}


def of_opinion(world: Any) -> dict[str, Any]:
    """What Rita asks Mina about the open review."""
    cast, review = world["cast"], world["open"]
    held = Opinion.objects.filter(review=review, asked=cast.mina).first()
    return {"pk": (held or opinions.ask(review.pk, cast.mina, "What do you think?", by=cast.rita)).pk}


def of_absence(world: Any) -> dict[str, Any]:
    """An absence of Rita's."""
    rita, today = world["cast"].rita, holders.today()
    held = absences.coming(rita).first()
    return {"pk": (held or absences.say(rita, today, today, None, by=rita)).pk}


def of_rita(world: Any) -> dict[str, Any]:
    """Rita."""
    return {"pk": world["cast"].rita.pk}


def of_list(world: Any) -> dict[str, Any]:
    """A list of the inbox that Rita keeps."""
    return {"pk": saved.keep(world["cast"].rita, "Urgent", "priority=0").pk}


def of_comment_file(world: Any) -> dict[str, Any]:
    """A file that came with a comment of Rita's on the open review."""
    review = world["open"]
    sent = [Sent.of(SimpleUploadedFile("note.txt", b"A note."))]
    said = commenting.add(review, "See the note.", by=world["cast"].rita, sent=sent)
    return {"pk": review.pk, "number": said.comment.files.get().pk}


def edit(world: Any) -> dict[str, Any]:
    """What the form of an edit sends."""
    given = {**world["open"].arguments, "subject": "About your payment"}
    return {f"arg.{name}": value for name, value in given.items()}


def question(world: Any) -> dict[str, Any]:
    """What the form that starts a run sends."""
    names = ("question", "customer_name", "customer")
    return {f"input-{name}": value for name, value in zip(names, world["question"], strict=True)}


def of_run(world: Any) -> dict[str, Any]:
    """The run of the open review."""
    return {"pk": world["open"].run_id}


def of_step(world: Any) -> dict[str, Any]:
    """The step that waits for the open review."""
    return {"pk": world["open"].step_run_id}


def of_workflow(world: Any) -> dict[str, Any]:
    """The workflow of the cast."""
    return {"slug": "answer-a-customer"}


def reason(world: Any) -> dict[str, Any]:
    """What a form sends that asks why."""
    return {"why": "The wording is wrong."}


def limiting(world: Any) -> dict[str, Any]:
    """What the form of a limit sends."""
    return {"lane": "tool:email.send", "at_once": "2"}


def again(world: Any) -> dict[str, Any]:
    """What the form that restarts a run sends."""
    return {**question(world), "from": "draft"}


def of_file(world: Any) -> dict[str, Any]:
    """A file of the open review's run, made by one of its steps."""
    run, made = world["open"].run, files.store("made.txt", b"made by a step")
    files.attach(run, [made])
    return {"pk": run.pk, "digest": made[files.MARK]}


def of_content(world: Any) -> dict[str, Any]:
    """A large prompt of the first step of the same run."""
    run, large = world["open"].run, contents.beside(["x" * contents.LARGEST_IN_ROW])
    asked = run.step_runs.get(step__key="triage")
    asked.attempts.get_or_create(fence=NOBODY, defaults={"worker": "w", "result": "done", "prompt": large})
    return {"pk": run.pk, "digest": large[contents.MARK]}


def of_proposal(world: Any) -> dict[str, Any]:
    """What somebody else who manages the workflow proposes."""
    return {"pk": world["proposal"].pk}


def signature(world: Any) -> dict[str, Any]:
    """What the form of a proposal sends for a signature."""
    return {"answer": "sign", "shown_hash": world["proposal"].content_hash}


def rehearsal(world: Any) -> dict[str, Any]:
    """What the form of a dry run sends."""
    names = ("question", "customer_name", "customer")
    given = dict(zip(names, world["question"], strict=True))
    return {"text": str(world["cast"].workflow.current.number), "given": json.dumps(given)}


def webhook(world: Any) -> Trigger:
    """A webhook of the cast's workflow, made by Adam."""
    mapping = {name: f"payload.{name}" for name in ("question", "customer_name", "customer")}
    wanted = Wanted("The shop", {"mapping": mapping, "headers": [], "per_minute": 60})
    return keeping.make(world["cast"].workflow, "webhook", wanted, by=world["cast"].adam)[0]


def of_trigger(world: Any) -> dict[str, Any]:
    """That webhook."""
    return {"pk": webhook(world).pk}


def of_hook(world: Any) -> dict[str, Any]:
    """Its own address."""
    return {"public_id": webhook(world).public_id}


def shop(world: Any) -> dict[str, Any]:
    """What the form of that webhook sends."""
    fields = {f"map-{name}": f"payload.{name}" for name in ("question", "customer_name", "customer")}
    return {"kind": "webhook", "name": "The other shop", "headers": "", "per_minute": "30", **fields}


def opening(world: Any) -> dict[str, Any]:
    """What the form sends that opens a workflow to the API."""
    return {"kind": "api", "name": "The API"}


def asked_token(world: Any) -> dict[str, Any]:
    """What the form sends that makes a token."""
    return {"name": "A program", "scopes": ["runs:start"], "every_workflow": "on", "days": "30"}


def of_token(world: Any) -> dict[str, Any]:
    """A token of Adam's."""
    adam: User = world["cast"].adam
    return {"pk": tokens.make(adam, "A program", scopes=["runs:read"], days=1, every_workflow=True)[0].pk}


def drafted(world: Any) -> dict[str, Any]:
    """The cast's workflow, with a draft."""
    drafts.draft_of(world["cast"].workflow, by=world["cast"].adam)
    return of_workflow(world)


def kept_aside(world: Any) -> dict[str, Any]:
    """A text that could not be saved in that draft."""
    draft = drafts.draft_of(world["cast"].workflow, by=world["cast"].adam)
    return {"pk": drafts.set_aside(draft, "name: Another", revision=0, by=world["cast"].adam).pk}


def text_of_draft(world: Any) -> dict[str, Any]:
    """What the editor sends of the text."""
    return {"view": "yaml", "source": "name: Written anew", "revision": "0"}


def named(world: Any) -> dict[str, Any]:
    """What the form of a new workflow sends."""
    return {"name": "A new one", "purpose": "To be drawn up."}


ROWS = b"question,customer_name,customer\nWhere is it?,Ines,ines@customer.example\n"


def upload(world: Any) -> Upload:
    """A row that Adam sent, not looked through."""
    return receiving.receive(world["cast"].workflow, "rows.csv", ROWS, by=world["cast"].adam)


def of_upload(world: Any) -> dict[str, Any]:
    """That upload."""
    return {"pk": upload(world).pk}


def of_checked(world: Any) -> dict[str, Any]:
    """The same, looked through."""
    made = upload(world)
    batches.look_through(made.pk, made.mapping, by=world["cast"].adam)
    pieces.go_on_with(made.pk, 1)
    return {"pk": made.pk}


def of_begun(world: Any) -> dict[str, Any]:
    """The same, about to start its run."""
    at = of_checked(world)
    batches.start(at["pk"], 1, by=world["cast"].adam)
    return at


def rows_sent(world: Any) -> dict[str, Any]:
    """What the form of an upload sends."""
    return {"file": SimpleUploadedFile("rows.csv", ROWS)}


def mapped(world: Any) -> dict[str, Any]:
    """What the form of its mapping sends."""
    return {f"from-{name}": f"column:{at}" for at, name in enumerate(("question", "customer_name", "customer"))}


def one_row(world: Any) -> dict[str, Any]:
    """What the form sends that starts it."""
    return {"rows": "1"}


def model(world: Any) -> Model:
    """A model that Adam proposed."""
    found = Model.objects.filter(name="house/large").first()
    return found or catalog.add("house/large", {"tiers": ["limited"]}, by=world["cast"].adam)


def of_model(world: Any) -> dict[str, Any]:
    """That model."""
    return {"pk": model(world).pk}


def of_approved(world: Any) -> dict[str, Any]:
    """A model that came with the host."""
    catalog.bring_in_line(actor=COMMAND)
    return {"pk": Model.objects.get(name="handrail/intent").pk}


def of_suspended(world: Any) -> dict[str, Any]:
    """The same, suspended."""
    at = of_approved(world)
    row = Model.objects.get(pk=at["pk"])
    if row.status == "approved":
        catalog.suspend(row, actor=COMMAND)
    return at


def tool(world: Any) -> Tool:
    """A tool that the connection below offers."""
    found = Tool.objects.filter(name="crm.find").first()
    if found is not None:
        return found
    said = {"name": "find", "description": "Find a customer.", "arguments": {"type": "object"}}
    behind = Connection.objects.get(pk=of_connection(world)["pk"])
    return Tool.objects.create(name="crm.find", title="find", kind="mcp", connection=behind, declaration=said)


def of_tool(world: Any) -> dict[str, Any]:
    """That tool."""
    return {"pk": tool(world).pk}


def of_agent(world: Any) -> dict[str, Any]:
    """An agent that Adam drew up."""
    if not Agent.objects.filter(name="drawn-up").exists():
        said = {"title": "Drawn up", "purpose": "It helps.", "source": "model: any\nprompt: Help.\ntools: []\n"}
        agents.add("drawn-up", said, by=world["cast"].adam)
    return {"name": "drawn-up"}


def of_signed_agent(world: Any) -> dict[str, Any]:
    """One that may work."""
    row = Agent.objects.filter(name="signed").first()
    adam = world["cast"].adam
    if row is None:
        row = agents.add("signed", {"title": "Signed", "purpose": "It helps."}, by=adam)
        told: dict[str, Any] = {"agent": row, "number": 1, "document": {"tools": []}, "proposed_by": adam}
        current = AgentVersion.objects.create(**told, signed_by=adam)
        Agent.objects.filter(pk=row.pk).update(current=current)
    Agent.objects.filter(pk=row.pk).update(status="approved")
    return {"name": "signed"}


def of_own_tool(world: Any) -> dict[str, Any]:
    """A tool of this process."""
    catalog.bring_in_line(actor=COMMAND)
    return {"pk": Tool.objects.get(name="record.file").pk}


def of_connection(world: Any) -> dict[str, Any]:
    """A connection that Adam wrote down."""
    found = Connection.objects.filter(name="crm").first()
    wanted = {"kind": "mcp", "address": "http://127.0.0.1:9/mcp", "private": True}
    return {"pk": (found or connecting.add("crm", wanted, by=world["cast"].adam)).pk}


def connecting_form(world: Any) -> dict[str, Any]:
    """What the form of a connection sends."""
    return {"name": "letters", "kind": "mcp", "address": "http://127.0.0.1:9/mcp", "private": "on"}


def used_by(world: Any) -> dict[str, Any]:
    """What the form sends that lets a group use a tool."""
    return {"sort": "group", "name": "reviewer", "act": "give"}


def of_key(world: Any) -> dict[str, Any]:
    """A key that Adam gave to be kept."""
    found = KeptKey.objects.filter(name="gateway").first()
    return {"pk": (found or model_keys.keep("gateway", "a-key-of-the-tests", by=world["cast"].adam)).pk}


def proposing(world: Any) -> dict[str, Any]:
    """What the form of a model sends."""
    return {"name": "house/small", "ceiling": "internal", "quality": "0.5"}


def sent_key(world: Any) -> dict[str, Any]:
    """What the form of a key sends."""
    return {"name": "own", "key": "another-key-of-the-tests"}


A_RULE = "nothing-leaves-unreviewed"


def rules_drafted(world: Any) -> dict[str, Any]:
    """A draft of the rules, by Adam."""
    policies.start(by=world["cast"].adam)
    return {}


def of_rule(world: Any) -> dict[str, Any]:
    """A rule of that draft."""
    rules_drafted(world)
    return {"key": A_RULE}


def of_rule_case(world: Any) -> dict[str, Any]:
    """Its first test case."""
    rules_drafted(world)
    return {"number": 0}


def of_rule_set(world: Any) -> dict[str, Any]:
    """The rules in force."""
    first_rules.bring_in_line(actor=COMMAND)
    return {"pk": RuleSet.objects.get(number=1).pk}


def of_rule_check(world: Any) -> dict[str, Any]:
    """One time that they were asked."""
    facts = Facts(workflow="answer-a-customer")
    return {"pk": asking.record([asking.Asked("start", facts, asking.ask("start", facts))])[0].pk}


def a_rule(world: Any) -> dict[str, Any]:
    """What the form of a rule sends."""
    draft = policies.start(by=world["cast"].adam)
    was = policies.mark(policies.rule_of(draft, A_RULE))
    return {"title": "Nothing is called", "effect": "deny", "points": ["tool"], "enabled": "on", "was": was}


def a_rule_case(world: Any) -> dict[str, Any]:
    """What the form of a test case sends."""
    was = policies.mark(policies.start(by=world["cast"].adam).checks[0])
    return {"name": "A call", "point": "tool", "expect": "allow", "was": was}


def of_pattern(world: Any) -> dict[str, Any]:
    """A pattern of the workspace."""
    made = Pattern.objects.filter(name="a-number").first() or patterns.add(
        "a-number", "AN-[0-9]{6}", "personal", why="For a test.", by=world["cast"].adam
    )
    return {"pk": made.pk}


def a_pattern(world: Any) -> dict[str, Any]:
    """What the form of a pattern sends; of the one that is there, with what it showed."""
    row = Pattern.objects.first()
    said = {"pattern": "KD-[0-9]{6}", "level": "personal", "why": "Customer numbers."}
    return {**said, "seen": patterns.state_of(row)} if row else {**said, "name": "customer-number"}


def of_calendar(world: Any) -> dict[str, Any]:
    """A calendar that is there."""
    return {"slug": made(world["cast"].adam).slug}


def a_calendar(world: Any) -> dict[str, Any]:
    """What the form of a calendar sends; of the one that is there, with what it showed."""
    row = Calendar.objects.first()
    seen = {"seen": calendars.state_of(row)} if row else {"slug": "berlin"}
    return {"name": "Berlin", "zone": "Europe/Berlin", "day0": "09:00-12:00", **seen}


def of_decision(world: Any) -> dict[str, Any]:
    """The decision by which the first step of the open review's run asked its model."""
    return {"pk": RoutingDecision.objects.get(step_run__run=world["open"].run_id, step_run__step__key="triage").pk}


def an_input(world: Any) -> dict[str, Any]:
    """What the form sends that tries that step."""
    step = Step.objects.get(version=world["cast"].workflow.current, key="triage")
    return {"step": str(step.pk), "input": '{"question": "Where is my card?"}'}


def of_link(world: Any) -> dict[str, Any]:
    """A link of Rita's to the open review."""
    return {"token": links.make(world["cast"].rita, [world["open"]], now())[world["open"].pk]}


def told_so(world: Any) -> dict[str, Any]:
    """What the form of one's notices sends."""
    ways = {f"way-{kind}-{channel}": "digest" for kind in Kind.values for channel in Channel.values}
    return {**ways, "digest": "daily", "digest_at": "08:00", "quiet_from": "", "quiet_to": "", "zone": "Europe/Berlin"}


def of_webhook(world: Any) -> dict[str, Any]:
    """A webhook that goes out, written down by Adam."""
    found = Hook.objects.filter(name="tickets").first()
    wanted = {"title": "", "address": "http://127.0.0.1:9/x", "private": True, "kinds": ["asked"], "titles": False}
    return {"pk": (found or outgoing.add("tickets", wanted, by=world["cast"].adam)[0]).pk}


def a_webhook(world: Any) -> dict[str, Any]:
    """What its form sends."""
    return {"name": "letters", "address": "http://127.0.0.1:9/y", "private": "on", "kinds": ["decided"]}


def of_delivery(world: Any) -> dict[str, Any]:
    """Something that it is told."""
    told = {"hook_id": of_webhook(world)["pk"], "review": world["open"], "kind": "asked", "about": "1"}
    return {"pk": HookDelivery.objects.get_or_create(**told, defaults={"body": "{}"})[0].pk}


NOBODY = 10**9
NO_LINK = {"token": "no-such"}
NO_DIGEST = {"pk": NOBODY, "digest": "0" * 64}
SWITCH = "a-switch-of-the-tests"
NO_REVIEW = {"pk": NOBODY}
NO_CALENDAR = {"slug": "no-such-calendar"}
NO_AGENT = {"name": "no-such"}
NO_WORKFLOW = {"slug": "no-such"}
NOT_MINE = dict.fromkeys(("rita", "ravi", "mina"), REFUSED)  # they may see it, and may not do this
MANAGING = only("adam", status=MOVED, but=NOT_MINE)
NOT_HELD = only("adam", status=CONFLICT, but=NOT_MINE)  # nothing was paused, so nothing can go on
UNASKED = only("rita", "ravi", "adam", status=CONFLICT, but={"mina": REFUSED})  # its owners; nobody is asked about it
DECIDING = only("rita", "ravi", status=MOVED, but={"mina": REFUSED, "adam": REFUSED})
SIGNING_IN = {"anonymous": DONE} | dict.fromkeys(SIGNED_IN, TO_LOGIN)

CATALOG = only("adam", "mina")  # managers look at the models
LOOKING = {"mina": REFUSED}
ADMINS = only("adam", but=LOOKING)
CHANGING = only("adam", status=MOVED, but=LOOKING)
TRYING = only(*SEEING)  # Mina manages, and so may see what she may not read
UNKNOWN = dict.fromkeys(ACTORS, 401)  # a session opens nothing there
MAKING = only("adam", "olga", others=REFUSED)  # Olga may make drafts of the workflow that she manages
NOTHING_SENT = {"adam": UNPROCESSABLE, "olga": UNPROCESSABLE}
OWN_PAGE = reading(only("adam", but=NOT_MINE))


def program(method: str, at: Argument = lambda world: {}, missing: dict[str, Any] | None = None) -> Row:
    """An address of the API: without a token, nobody is let in."""
    unheard = dict.fromkeys(ACTORS, NO_SUCH_METHOD)
    return Row({method: UNKNOWN}, at, missing or {}, tokenless=True, unheard=unheard)


NOT_SAID = only("adam", status=UNPROCESSABLE, but=LOOKING)
IN_VAIN = only("adam", status=CONFLICT, but=LOOKING)  # it is not as it would have to be

RULES = only("mina", "adam")  # managers look at rules, admins change them
RULING = only("adam", but={"mina": REFUSED})
RULED = only("adam", status=MOVED, but={"mina": REFUSED})

FOR_ALL = dict.fromkeys(ACTORS, NO_SUCH_METHOD)  # no login is asked for
OPEN_PAGE = Row(reading(dict.fromkeys(ACTORS, DONE)), unheard=FOR_ALL)
SIGN_IN = Row(
    reading(SIGNING_IN) | {"POST": dict.fromkeys(ACTORS, TO_LOGIN)},
    post=lambda world: {"username": "rita", "password": world["password"]},
    unheard=FOR_ALL,
)
LED_AWAY = Row(dict.fromkeys((*SAFE, "POST"), dict.fromkeys(ACTORS, TO_LOGIN)), unheard=FOR_ALL)
ASKED_FIRST = Row(dict.fromkeys((*SAFE, "POST"), all_signed_in(TO_LOGIN)))  # who they are
ASKED_FIRST_OF = Row(ASKED_FIRST.methods, lambda world: {"pk": 1}, NO_REVIEW)
NOTHING_THERE = Row(dict.fromkeys((*SAFE, "POST"), all_signed_in(MISSING)))

TABLE: dict[str, Row] = {
    "home": Row(reading(all_signed_in(DONE))),
    "nav": Row(reading(all_signed_in(DONE))),
    "inbox": Row(reading(all_signed_in(DONE))),
    "inbox-further": Row(reading(all_signed_in(NOTHING))),
    "review": Row(reading(only(*SEEING)), of_review("open"), NO_REVIEW),
    "decide": Row({"POST": DECIDING}, of_review("open"), NO_REVIEW, decision),
    "draft": Row({"POST": DECIDING}, of_review("open"), NO_REVIEW, edit),
    "review-claim": Row({"POST": DECIDING}, of_review("open"), NO_REVIEW),
    "review-release": Row({"POST": only(*SEEING, status=CONFLICT)}, of_review("open"), NO_REVIEW),
    "review-pass": Row(reading(only(*SEEING)), of_review("open"), NO_REVIEW),
    "review-forward": Row(
        {"POST": only("rita", status=MOVED, but={"ravi": CONFLICT, "mina": REFUSED, "adam": REFUSED})},
        of_review("open"),
        NO_REVIEW,
        to_ravi,
    ),
    "review-assign": Row({"POST": MANAGING}, of_review("open"), NO_REVIEW, to_ravi),
    "review-ask": Row(
        {"POST": only("rita", "ravi", status=MOVED, but={"mina": REFUSED, "adam": REFUSED})},
        of_review("open"),
        NO_REVIEW,
        lambda world: {"whom": str(world["cast"].mina.pk)},
    ),
    "opinion": Row({"POST": only("mina", status=MOVED)}, of_opinion, NO_REVIEW, lambda world: {"answer": "Yes."}),
    "me-absence": Row(reading(all_signed_in(DONE)) | {"POST": all_signed_in(UNPROCESSABLE)}),
    "me-absence-off": Row({"POST": only("rita", status=MOVED, others=CONFLICT)}, of_absence, NO_REVIEW),
    "team": Row(reading(only("adam", "olga"))),  # Olga manages the workflow of her own department
    "team-assign": Row({"POST": only("adam", "olga", status=UNPROCESSABLE)}),
    "people": Row(reading(only("adam"))),
    "person": Row(reading(only("adam")) | {"POST": only("adam", status=MOVED)}, of_rita, NO_REVIEW),
    "person-absence": Row({"POST": only("adam", status=UNPROCESSABLE)}, of_rita, NO_REVIEW),
    "person-absence-off": Row({"POST": only("adam", status=MOVED)}, of_absence, NO_REVIEW),
    "answers": Row({"POST": DECIDING}, of_review("open"), NO_REVIEW, lambda world: {"form": "1"}),
    "undo": Row(
        {"POST": only("rita", status=MOVED, but=dict.fromkeys(("ravi", "mina", "adam"), REFUSED))},
        of_review("decided"),
        NO_REVIEW,
    ),
    "link": Row(reading(only("rita")), of_link, NO_LINK),
    "link-decide": Row({"POST": only("rita", status=MOVED)}, of_link, NO_LINK, decision),
    "me-notices": Row(reading(all_signed_in(DONE)) | {"POST": all_signed_in(MOVED)}, post=told_so),
    "me-chat-test": Row({"POST": all_signed_in(UNPROCESSABLE)}),
    "me-chat": Row({"POST": all_signed_in(MOVED)}, post=lambda world: {"forget": "1"}),
    "notices-new": Row(reading(all_signed_in(DONE))),
    "webhooks": Row(reading(CATALOG)),
    "webhook-new": Row(reading(ADMINS) | {"POST": only("adam", but=LOOKING)}, post=a_webhook),
    "webhook": Row(reading(CATALOG), of_webhook, NO_REVIEW),
    "webhook-edit": Row(reading(ADMINS) | {"POST": IN_VAIN}, of_webhook, NO_REVIEW, a_webhook),
    "webhook-ask": Row({"POST": CHANGING}, of_webhook, NO_REVIEW),
    "webhook-off": Row({"POST": IN_VAIN}, of_webhook, NO_REVIEW),
    "webhook-on": Row({"POST": IN_VAIN}, of_webhook, NO_REVIEW),
    "webhook-retire": Row({"POST": CHANGING}, of_webhook, NO_REVIEW),
    "webhook-secret": Row({"POST": only("adam", but=LOOKING)}, of_webhook, NO_REVIEW),
    "webhook-again": Row({"POST": IN_VAIN}, of_delivery, NO_REVIEW),
    "bulk": Row({**reading(all_signed_in(DONE)), "POST": all_signed_in(UNPROCESSABLE)}),
    "list-keep": Row({"POST": all_signed_in(MOVED)}, post=lambda world: {"name": "Urgent", "query": "priority=0"}),
    "list-away": Row({"POST": only("rita", status=MOVED)}, of_list, {"pk": 10**9}),
    "watch": Row({"POST": only(*SEEING, status=MOVED)}, of_review("open"), NO_REVIEW, lambda world: {"on": "1"}),
    "presence": Row({"POST": only(*SEEING)}, of_review("open"), NO_REVIEW),
    "words": Row(
        {"POST": only("rita", "ravi", status=NOTHING, but=dict.fromkeys(("mina", "adam"), CONFLICT))},
        of_review("open"),
        NO_REVIEW,
        lambda world: {"reason": "It says too little."},
    ),
    "comment": Row(
        {"POST": only(*SEEING, status=MOVED)},
        of_review("open"),
        NO_REVIEW,
        lambda world: {"text": "Have a look, @ravi."},
    ),
    "comment-file": Row(reading(only(*SEEING)), of_comment_file, {"pk": 10**9, "number": 10**9}),
    "runs": Row(reading(all_signed_in(DONE))),
    "run": Row(reading(only(*SEEING)), of_run, NO_REVIEW),
    "file": Row(reading(only("rita", "ravi")), of_file, NO_DIGEST),  # for those who may read every step
    "content": Row(reading(only("rita", "ravi", "adam")), of_content, NO_DIGEST),  # Adam owns that step
    "workflows": Row(reading(all_signed_in(DONE))),
    "run-pause": Row({"POST": MANAGING}, of_run, NO_REVIEW),
    "run-go-on": Row({"POST": NOT_HELD}, of_run, NO_REVIEW),
    "run-cancel": Row({"POST": MANAGING}, of_run, NO_REVIEW, reason),
    "restart": Row(reading(only("adam", but=NOT_MINE)) | {"POST": MANAGING}, of_run, NO_REVIEW, again),
    "step-cancel": Row({"POST": MANAGING}, of_step, NO_REVIEW, reason),
    "outcome": Row(reading(UNASKED) | {"POST": UNASKED}, of_step, NO_REVIEW),
    "undo-call": Row(reading(NOT_HELD) | {"POST": NOT_HELD}, of_step, NO_REVIEW, reason),  # nothing undoes it
    "take-over": Row(reading(only()) | {"POST": only()}, of_step, NO_REVIEW),  # it is no agent's
    "workflow": Row(reading(only(*SEEING)), of_workflow, NO_WORKFLOW),
    "workflow-new": Row(
        reading(only("adam", others=REFUSED)) | {"POST": only("adam", status=MOVED, others=REFUSED)}, post=named
    ),
    "editor": Row(OWN_PAGE, drafted, NO_WORKFLOW),
    "draft-begin": Row({"POST": MANAGING}, of_workflow, NO_WORKFLOW),
    "draft-save": Row({"POST": MANAGING}, drafted, NO_WORKFLOW, text_of_draft),
    "draft-discard": Row({"POST": MANAGING}, drafted, NO_WORKFLOW),
    "publish": Row(
        OWN_PAGE | {"POST": only("adam", status=CONFLICT, but=NOT_MINE)}, drafted, NO_WORKFLOW
    ),  # no revision was said
    "waiver-ask": Row({"POST": MANAGING}, drafted, NO_WORKFLOW, lambda world: {"step": "triage"}),
    "compare": Row(reading(only(*SEEING)), of_workflow, NO_WORKFLOW),
    "aside": Row(OWN_PAGE | {"POST": MANAGING}, kept_aside, NO_REVIEW, lambda world: {"do": "drop"}),
    "workflow-retire": Row({"POST": MANAGING}, of_workflow, NO_WORKFLOW, reason),
    "workflow-use": Row({"POST": MANAGING}, of_workflow, NO_WORKFLOW),
    "workflow-import": Row(reading(MAKING) | {"POST": MAKING | NOTHING_SENT}),
    "workflow-export": Row(OWN_PAGE, of_workflow, NO_WORKFLOW),
    "workflow-move": Row(
        OWN_PAGE | {"POST": only("adam", status=UNPROCESSABLE, but=NOT_MINE)}, of_workflow, NO_WORKFLOW
    ),
    "trigger-new": Row(OWN_PAGE | {"POST": MANAGING}, of_workflow, NO_WORKFLOW, opening),
    "trigger": Row(reading(only(*SEEING)), of_trigger, NO_REVIEW),
    "trigger-edit": Row(OWN_PAGE | {"POST": MANAGING}, of_trigger, NO_REVIEW, shop),
    "trigger-pause": Row({"POST": MANAGING}, of_trigger, NO_REVIEW),
    "trigger-go-on": Row({"POST": NOT_HELD}, of_trigger, NO_REVIEW),
    "trigger-secret": Row({"POST": only("adam", but=NOT_MINE)}, of_trigger, NO_REVIEW),
    "uploads": Row(reading(only("adam", but=NOT_MINE)), of_workflow, NO_WORKFLOW),
    "upload-new": Row(OWN_PAGE | {"POST": MANAGING}, of_workflow, NO_WORKFLOW, rows_sent),
    "upload": Row(reading(only("adam")), of_upload, NO_REVIEW),
    "upload-mapping": Row({"POST": only("adam", status=MOVED)}, of_upload, NO_REVIEW, mapped),
    "upload-start": Row({"POST": only("adam", status=MOVED)}, of_checked, NO_REVIEW, one_row),
    "upload-stop": Row({"POST": only("adam", status=MOVED)}, of_begun, NO_REVIEW, reason),
    "upload-go-on": Row({"POST": only("adam", status=CONFLICT)}, of_begun, NO_REVIEW),
    "upload-drop": Row({"POST": only("adam", status=MOVED)}, of_checked, NO_REVIEW),
    "upload-results": Row(reading(only("adam")), of_begun, NO_REVIEW),
    "hook": program("POST", of_hook, {"public_id": "no-such"}),
    "answer": Row(
        {"POST": dict.fromkeys(ACTORS, MISSING)},
        lambda world: {"token": "a" * 43},
        {"token": "no-such"},
        tokenless=True,
        unheard=dict.fromkeys(ACTORS, NO_SUCH_METHOD),
    ),
    "tokens": Row(reading(all_signed_in(DONE)) | {"POST": all_signed_in(DONE)}, post=asked_token),
    "token-withdraw": Row({"POST": only("adam", status=MOVED)}, of_token, NO_REVIEW),
    "api": Row(reading(all_signed_in(DONE))),
    "api-openapi": Row(reading(dict.fromkeys(ACTORS, DONE)), unheard=dict.fromkeys(ACTORS, NO_SUCH_METHOD)),
    "api-workflows": program("GET"),
    "api-start": program("POST", of_workflow, NO_WORKFLOW),
    "api-runs": program("GET"),
    "api-run": program("GET", of_run, NO_REVIEW),
    "api-result": program("GET", of_run, NO_REVIEW),
    "api-stream": program("GET", of_run, NO_REVIEW),
    "dry": Row(OWN_PAGE | {"POST": only("adam", but=NOT_MINE)}, of_workflow, NO_WORKFLOW, rehearsal),
    "workflow-pause": Row({"POST": MANAGING}, of_workflow, NO_WORKFLOW),
    "workflow-go-on": Row({"POST": NOT_HELD}, of_workflow, NO_WORKFLOW),
    "agents": Row(reading(CATALOG)),
    "agent-new": Row(reading(ADMINS) | {"POST": NOT_SAID}),
    "agent": Row(reading(CATALOG), of_agent, NO_AGENT),
    "agent-edit": Row(reading(ADMINS) | {"POST": NOT_SAID}, of_agent, NO_AGENT),
    "agent-ask": Row({"POST": CHANGING}, of_agent, NO_AGENT),
    "agent-off": Row({"POST": CHANGING}, of_signed_agent, NO_AGENT),
    "agent-on": Row({"POST": IN_VAIN}, of_agent, NO_AGENT),
    "tools": Row(reading(CATALOG)),
    "tool": Row(reading(CATALOG), of_tool, NO_REVIEW),
    "tool-edit": Row(reading(ADMINS) | {"POST": NOT_SAID}, of_tool, NO_REVIEW),
    "tool-ask": Row({"POST": CHANGING}, of_tool, NO_REVIEW),
    "tool-take-over": Row({"POST": IN_VAIN}, of_tool, NO_REVIEW),
    "tool-off": Row({"POST": CHANGING}, of_own_tool, NO_REVIEW),
    "tool-on": Row({"POST": IN_VAIN}, of_tool, NO_REVIEW),
    "tool-retire": Row({"POST": CHANGING}, of_tool, NO_REVIEW, reason),
    "tool-test": Row({"POST": IN_VAIN}, of_tool, NO_REVIEW),
    "tool-use": Row({"POST": CHANGING}, of_tool, NO_REVIEW, used_by),
    "connections": Row(reading(CATALOG)),
    "connection-new": Row(reading(ADMINS) | {"POST": CHANGING}, post=connecting_form),
    "connection": Row(reading(CATALOG), of_connection, NO_REVIEW),
    "connection-edit": Row(reading(ADMINS) | {"POST": IN_VAIN}, of_connection, NO_REVIEW, connecting_form),
    "connection-ask": Row({"POST": CHANGING}, of_connection, NO_REVIEW),
    "connection-look": Row({"POST": IN_VAIN}, of_connection, NO_REVIEW),
    "connection-declare": Row({"POST": IN_VAIN}, of_connection, NO_REVIEW),
    "connection-propose": Row({"POST": IN_VAIN}, of_connection, NO_REVIEW),
    "connection-off": Row({"POST": IN_VAIN}, of_connection, NO_REVIEW, reason),
    "connection-on": Row({"POST": IN_VAIN}, of_connection, NO_REVIEW),
    "connection-retire": Row({"POST": CHANGING}, of_connection, NO_REVIEW, reason),
    "models": Row(reading(CATALOG)),
    "model": Row(reading(CATALOG), of_model, NO_REVIEW),
    "model-new": Row(reading(ADMINS) | {"POST": CHANGING}, post=proposing),
    "model-edit": Row(
        reading(ADMINS) | {"POST": only("adam", status=CONFLICT, but={"mina": REFUSED})}, of_model, NO_REVIEW, proposing
    ),
    "model-ask": Row({"POST": CHANGING}, of_model, NO_REVIEW),
    "model-suspend": Row({"POST": CHANGING}, of_approved, NO_REVIEW, reason),
    "model-resume": Row({"POST": CHANGING}, of_suspended, NO_REVIEW),
    "model-retire": Row({"POST": CHANGING}, of_model, NO_REVIEW, reason),
    "model-test": Row({"POST": CHANGING}, of_model, NO_REVIEW),
    "models-known": Row(reading(ADMINS) | {"POST": CHANGING}, post=lambda world: {"name": "gpt-4o"}),
    "model-keys": Row(reading(ADMINS) | {"POST": CHANGING}, post=sent_key),
    "model-key-renew": Row({"POST": CHANGING}, of_key, NO_REVIEW, sent_key),
    "model-key-drop": Row({"POST": CHANGING}, of_key, NO_REVIEW),
    "routing": Row(reading(only(*SEEING)), of_decision, NO_REVIEW),
    "routing-try": Row(reading(all_signed_in(DONE)) | {"POST": TRYING}, post=an_input),
    "model-figures": Row(reading(all_signed_in(DONE))),
    "engine": Row(reading(only("adam", "olga"))),  # Olga manages the workflow of her own department
    "engine-stop": Row({"POST": only("adam", status=MOVED, but={"olga": REFUSED})}, post=reason),
    "engine-go-on": Row({"POST": only("adam", status=CONFLICT, but={"olga": REFUSED})}, post=reason),
    "engine-limit": Row({"POST": only("adam", status=MOVED, but={"olga": REFUSED})}, post=limiting),
    "proposals": Row(reading(all_signed_in(DONE))),
    "proposal": Row(reading(only(*SEEING)), of_proposal, NO_REVIEW),
    "proposal-answer": Row({"POST": MANAGING}, of_proposal, NO_REVIEW, signature),
    "rules": Row(reading(RULES)),
    "rule-set": Row(reading(RULES), of_rule_set, NO_REVIEW),
    "rule-checks": Row(reading(RULES)),
    "rule-check": Row(reading(RULES), of_rule_check, NO_REVIEW),
    "patterns": Row(reading(RULES)),
    "pattern-new": Row(reading(RULING) | {"POST": RULED}, post=a_pattern),
    "pattern": Row(reading(RULING) | {"POST": RULED}, of_pattern, NO_REVIEW, a_pattern),
    "pattern-switch": Row({"POST": RULED}, of_pattern, NO_REVIEW, lambda world: {"to": "off", "why": "It is over."}),
    "calendars": Row(reading(only("adam"))),
    "calendar-new": Row(reading(only("adam")) | {"POST": only("adam", status=MOVED)}, post=a_calendar),
    "calendar-delete": Row({"POST": only("adam", status=MOVED)}, of_calendar, NO_CALENDAR),
    "calendar": Row(reading(only("adam")) | {"POST": only("adam", status=MOVED)}, of_calendar, NO_CALENDAR, a_calendar),
    "rules-draft": Row(reading(RULES), rules_drafted),
    "rules-begin": Row({"POST": RULED}),
    "rules-change": Row({"POST": RULED}, rules_drafted, post=lambda world: {"do": f"on:{A_RULE}"}),
    "rules-discard": Row({"POST": RULED}, rules_drafted),
    "rules-propose": Row(
        reading(RULING) | {"POST": only("adam", status=UNPROCESSABLE, but={"mina": REFUSED})}, rules_drafted
    ),
    "rule-new": Row(reading(RULING) | {"POST": RULED}, rules_drafted, post=a_rule),
    "rule-edit": Row(reading(RULING) | {"POST": RULED}, of_rule, {"key": "no-such"}, a_rule),
    "rule-case-new": Row(reading(RULING) | {"POST": RULED}, rules_drafted, post=a_rule_case),
    "rule-case": Row(reading(RULING) | {"POST": RULED}, of_rule_case, {"number": NOBODY}, a_rule_case),
    "rq": Row(reading(only("adam"))),
    "rq-queued": Row(reading(only("adam"))),
    "rq-started": Row(reading(only("adam"))),
    "rq-failed": Row(reading(only("adam"))),
    "rq-workers": Row(reading(only("adam"))),
    "start": Row(
        reading(only("adam", but=dict.fromkeys(("rita", "ravi", "mina"), REFUSED)))
        | {"POST": only("adam", status=MOVED, but=dict.fromkeys(("rita", "ravi", "mina"), REFUSED))},
        of_workflow,
        NO_WORKFLOW,
        question,
    ),
    "login": SIGN_IN,
    "account_login": SIGN_IN,
    "mfa_login_webauthn": LED_AWAY,
    "mfa_authenticate": LED_AWAY,  # nobody is halfway in
    "logout": Row({"POST": dict.fromkeys(ACTORS, TO_LOGIN)}, unheard=FOR_ALL),
    "account_logout": Row({"POST": dict.fromkeys(ACTORS, TO_LOGIN)}, unheard=FOR_ALL),
    "account_reset_password": Row(
        reading(dict.fromkeys(ACTORS, DONE)) | {"POST": dict.fromkeys(ACTORS, TO_LOGIN)},
        post=lambda world: {"email": "nobody@northwind-bank.example"},
        unheard=FOR_ALL,
    ),
    "account_reset_password_done": OPEN_PAGE,
    "account_reset_password_from_key": Row(
        reading(dict.fromkeys(ACTORS, DONE)) | {"POST": dict.fromkeys(ACTORS, DONE)},  # it says that it opens nothing
        lambda world: {"uidb36": "1", "key": "c0ffee-0123456789abcdef"},
        {"uidb36": "zz", "key": "c0ffee-0123456789abcdef"},
        unheard=FOR_ALL,
    ),
    "account_reset_password_from_key_done": OPEN_PAGE,
    "account_reauthenticate": Row(reading(all_signed_in(DONE)) | {"POST": all_signed_in(DONE)}),
    "mfa_reauthenticate": ASKED_FIRST,  # by the password, which is all that they have
    "mfa_reauthenticate_webauthn": ASKED_FIRST,
    "invitations": Row(reading(only("adam")) | {"POST": only("adam")}, post=own.guest),
    "invitation-withdraw": Row({"POST": only("adam", status=MOVED)}, own.of_invitation, NO_REVIEW),
    "invitation": Row(
        reading(dict.fromkeys(ACTORS, 410)) | {"POST": dict.fromkeys(ACTORS, 410)},
        lambda world: {"secret": "a" * 43},
        {"secret": "no-such"},
        own.coming_in,
        unheard=FOR_ALL,
    ),
    "me": Row(reading(all_signed_in(DONE)) | {"POST": all_signed_in(MOVED)}),
    "me-keys": Row({"POST": all_signed_in(MOVED)}),
    "me-security": Row(reading(all_signed_in(DONE))),
    "mfa_index": Row(reading(all_signed_in(DONE))),
    "mfa_list_webauthn": Row(reading(all_signed_in(DONE))),
    "account_change_password": Row(reading(all_signed_in(DONE)) | {"POST": all_signed_in(TO_LOGIN)}, post=own.changed),
    "account_set_password": ASKED_FIRST,  # they have one
    "mfa_activate_totp": ASKED_FIRST,
    "mfa_deactivate_totp": NOTHING_THERE,
    "mfa_add_webauthn": ASKED_FIRST,
    "mfa_edit_webauthn": ASKED_FIRST_OF,
    "mfa_remove_webauthn": ASKED_FIRST_OF,
    "mfa_view_recovery_codes": Row(reading(all_signed_in(MISSING))),
    "mfa_generate_recovery_codes": ASKED_FIRST,
    "mfa_download_recovery_codes": NOTHING_THERE,
    "session-end": Row({"POST": only("rita", status=MOVED)}, own.of_session, NO_REVIEW),
    "sessions-end": Row({"POST": all_signed_in(MOVED)}),
    "theme": Row({"POST": dict.fromkeys(ACTORS, TO_LOGIN)}, unheard=dict.fromkeys(ACTORS, NO_SUCH_METHOD)),
    "health": Row(reading(dict.fromkeys(ACTORS, DONE)), unheard=dict.fromkeys(ACTORS, NO_SUCH_METHOD)),
    "schema": Row(reading(dict.fromkeys(ACTORS, DONE)), unheard=dict.fromkeys(ACTORS, NO_SUCH_METHOD)),
    "reports": Row(reading(only("mina", "adam"))),
    "decisions": Row(reading(only("mina", "adam"))),
    "record": Row(reading(only("mina", "adam"))),
    "export": Row(reading(only("mina", "adam")), lambda world: {"form": "csv"}, {"form": "zip"}),
    "event": Row(
        reading(only(*SEEING)),
        lambda world: {"event_id": world["event"].event_id},
        {"event_id": "00000000-0000-7000-8000-000000000000"},
    ),
    "proof": Row(reading(only("mina", "adam"))),
    "checkpoint": Row(reading(only("mina", "adam"))),
    "signer": Row(reading(all_signed_in(DONE))),
    "verifier": Row(reading(all_signed_in(DONE))),
    "evidence": Row(reading(only("mina", "adam"))),
    "receipt": Row(
        reading(only(*SEEING)),
        lambda world: {"event_id": world["event"].event_id},
        {"event_id": "00000000-0000-7000-8000-000000000000"},
    ),
    "settings": Row(reading(only("adam"))),
    "change": Row(
        {"POST": only("adam", status=TO_LOGIN)},
        lambda world: {"key": SWITCH},
        {"key": "no-such-switch"},
        lambda world: {"value": "on"},
    ),
}


def addresses() -> list[Address]:
    """Every address there is, from the URL map itself."""
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[Any], before: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            assert isinstance(pattern, URLPattern)
            yield Address(pattern.name or route, route, tuple(pattern.pattern.converters))
