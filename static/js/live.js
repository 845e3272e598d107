/* The live line. The socket says only that something moved; the page asks for what it may see.

   On document.body: `ledger` (detail: {leaf, runs, workflows, kinds, reviews: {what happened: ids}}), `ledger:<kind>`,
   `ledger:run-<id>`, `ledger:workflow-<id>` and `ledger:review-<id>`, each at most once in QUIET ms, the last one never lost. After a lost line and while
   polling, every name that the page listens to is sent once. */
const QUIET = 400;
const BEAT = 20_000;
const DEAF = 45_000;
const POLL = 10_000;
const TRIES = 3;
const BADGES = 20_000;
const SETTLED = 100; // ms after an answer in which htmx lets what it brought begin to listen

const lines = [...document.querySelectorAll(".live[data-live]")];
const said = document.getElementById("said");
const number = new Intl.NumberFormat(document.documentElement.lang || "en");
let leaf = Math.max(0, ...lines.map((line) => Number(line.dataset.leaf) || 0));
let socket, heard, tries = 0, polling = 0, dropped = false, waiting = null, gathered = null, underway = 0, handed = "", counting = null, counted = 0;
const missed = new Set();

function show(state) {
  for (const line of lines) {
    line.dataset.state = state;
    line.querySelector("span").textContent = words(line, state);
  }
}
function words(line, state) {
  const name = `text${state[0].toUpperCase()}${state.slice(1)}`;
  return (line.dataset[name] ?? "").replace("{n}", number.format(leaf));
}
function announce(state) {
  if (said && lines.length) said.textContent = words(lines[0], state);
}

function send(name, detail) {
  document.body.dispatchEvent(new CustomEvent(name, { detail }));
}
function gather({ runs = [], workflow, workflows = [], kinds = [], reviews = {} }) {
  gathered ??= { runs: new Set(), workflows: new Set(), kinds: new Set(), reviews: {} };
  for (const id of runs) gathered.runs.add(id);
  for (const id of workflow ? [workflow, ...workflows] : workflows) gathered.workflows.add(id);
  for (const kind of kinds) gathered.kinds.add(kind);
  for (const [name, ids] of Object.entries(reviews)) gathered.reviews[name] = new Set([...(gathered.reviews[name] ?? []), ...ids]);
  waiting ??= setTimeout(flush, 0);
}
function flush() {
  const now = gathered;
  gathered = null;
  waiting = now && setTimeout(flush, QUIET);
  if (!now) return;
  if (underway) missed.add(() => gather(now));
  const reviews = Object.fromEntries(Object.entries(now.reviews).map(([name, ids]) => [name, [...ids]]));
  const detail = { leaf, runs: [...now.runs], workflows: [...now.workflows], kinds: [...now.kinds], reviews };
  send("ledger", detail);
  for (const kind of detail.kinds) send(`ledger:${kind}`, detail);
  for (const id of detail.runs) send(`ledger:run-${id}`, detail);
  for (const id of detail.workflows) send(`ledger:workflow-${id}`, detail);
  for (const id of new Set(Object.values(reviews).flat())) send(`ledger:review-${id}`, detail);
  if (detail.kinds.includes("review") || detail.kinds.includes("run")) badges();
}
/* The counts in the navigation: at once where all was quiet, and now and then where much moves. */
function badges() {
  counting ??= setTimeout(() => {
    counting = null;
    counted = Date.now();
    if (!document.hidden) send("ledger:nav", {});
  }, Math.max(0, counted + BADGES - Date.now()));
}
document.addEventListener("visibilitychange", () => document.hidden || badges());
function everything() {
  if (underway) missed.add(everything);
  const names = new Set(["ledger"]);
  for (const node of document.querySelectorAll("[hx-trigger*=ledger]")) {
    for (const name of node.getAttribute("hx-trigger").match(/ledger(:[\w-]+)?/g)) names.add(name);
  }
  for (const name of names) send(name, { leaf, runs: [], workflows: [], kinds: [] });
}

function askAgain() {
  if (underway) return;
  const again = [...missed];
  missed.clear();
  for (const ask of again) ask();
}
/* A region that is asked for again while its answer is under way is replaced by that answer, and htmx forgets. */
const REGION = "[hx-trigger*=ledger]";
const flying = new Map(); // answers under way for regions: their targets
const asked = new Set(); // targets that a person's own request is about to fill
const outdated = new WeakSet();
function follow(xhr, ended) {
  underway += 1;
  xhr.addEventListener("loadend", () => {
    underway -= 1;
    ended();
    setTimeout(askAgain, SETTLED);
  });
}
/* What a person asks for comes first: no older picture of a region lands on it, nor takes away what waits for its answer. */
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  if (elt.matches(REGION) && [...asked].some((filled) => filled.contains(target))) event.preventDefault();
});
document.body.addEventListener("htmx:beforeSend", ({ detail: { elt, target, xhr } }) => {
  if (elt.matches(REGION)) {
    flying.set(xhr, target);
    return follow(xhr, () => flying.delete(xhr));
  }
  if (![...document.querySelectorAll(REGION)].some((region) => target.contains(region))) return;
  for (const [answer, region] of flying) if (target.contains(region)) outdated.add(answer);
  asked.add(target);
  follow(xhr, () => asked.delete(target));
});
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (outdated.has(detail.xhr)) detail.shouldSwap = false;
});

function open() {
  const address = new URL("/ws/live/", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.onopen = opened;
  socket.onmessage = (event) => read(JSON.parse(event.data));
  socket.onclose = (event) => closed(event.code);
}
function opened() {
  heard = Date.now();
  socket.send('{"ping":1}');
  handed = "";
  handIn();
}
/* The page's pass to see what models write while they do; each answer of the server brings a new one. */
function handIn() {
  const brought = document.querySelector("[data-watch]")?.dataset.watch;
  if (!brought || brought === handed || socket?.readyState !== WebSocket.OPEN) return;
  handed = brought;
  socket.send(JSON.stringify({ watch: brought }));
}
document.body.addEventListener("htmx:afterSettle", handIn);
function read(message) {
  heard = Date.now();
  if (dropped) back();
  tries = 0;
  if (message.ping) socket.send('{"ping":1}');
  const missed = message.hello && message.leaf > leaf;
  if (message.leaf) leaf = Math.max(leaf, message.leaf);
  show("live");
  if (missed) everything();
  if (message.kinds || message.runs) gather(message);
  if (message.writing) send("writing", message.writing);
  if (message.notice) send("notice");
}
function back() {
  dropped = false;
  clearInterval(polling);
  polling = 0;
  announce("back");
  everything();
}
function closed(code) {
  socket = null;
  if (code === 4401) return signIn();
  if (code === 4403) return denied();
  dropped = true;
  tries += 1;
  if (tries >= TRIES && !polling) poll();
  else if (!polling) show("lost");
  setTimeout(open, Math.min(30_000, 500 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random()));
}
function signIn() {
  location.assign(`${document.body.dataset.login}?next=${encodeURIComponent(location.pathname + location.search)}`);
}
function denied() {
  show("denied");
  announce("denied");
  const before = Number(sessionStorage.getItem("denied")) || 0;
  sessionStorage.setItem("denied", Date.now());
  if (Date.now() - before > 60_000) setTimeout(() => location.reload(), 2_000);
}
function poll() {
  show("polling");
  announce("polling");
  polling = setInterval(() => document.hidden || everything(), POLL);
}

setInterval(() => {
  if (socket?.readyState !== WebSocket.OPEN) return;
  if (Date.now() - heard > DEAF) socket.close();
  else socket.send('{"ping":1}');
}, BEAT);

/* A region that was answered with the login page must not be emptied: go and sign in. */
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (!new URL(xhr.responseURL || location.href).pathname.startsWith(document.body.dataset.login)) return;
  event.detail.shouldSwap = false;
  location.reload();
});

/* Not before htmx listens: what comes earlier would be told to nobody. */
if (lines.length) addEventListener("DOMContentLoaded", () => setTimeout(open, 0));
