/* The open inbox. What was decided elsewhere leaves the list at once, by its number and without asking; what came is
   asked for at once where all is quiet, and now and then where much moves. A list that grows short asks for the rows
   behind its last one alone, for as many as will last a while. Beside it: chosen items, who else looks on, the open tab
   where the tabs scroll, and the reason that is being typed, kept on the server too. */
const CALM = 10_000, HUNGRY = 4_000, FEW = 8, LASTS = 4, MOST = 400;
const TYPED = 1_000, LOOK = 20_000;

const queue = () => document.getElementById("queue");
const item = () => document.getElementById("item");
const rows = () => document.querySelectorAll("#items a.item");
const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const waiting = () => ["mine", "team"].includes(queue()?.dataset.tab);
let asked = 0, asking = null, fetching = null, went = 0;

function ask() {
  const rest = CALM * (1 + Math.random() / 3);
  asking ??= setTimeout(() => {
    asking = null;
    if (document.hidden) return;
    asked = Date.now();
    document.body.dispatchEvent(new CustomEvent("ledger:inbox"));
  }, Math.max(0, asked + rest - Date.now()));
}
/* The rows that follow. Where the list was replaced meanwhile, it has them already. */
function fetchFurther() {
  fetching ??= setTimeout(async () => {
    const list = queue(), link = document.getElementById("page-after");
    [asked, fetching] = [Date.now(), null];
    if (document.hidden || !link) return;
    const wanted = new URL(link.href), address = `${link.dataset.further}${wanted.search}&some=${Math.min(MOST, went * LASTS)}`;
    went = 0;
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" } });
      const brought = document.createElement("template");
      if (answer.status === 200 && !answer.redirected) brought.innerHTML = await answer.text();
      const more = brought.content.firstElementChild;
      if (!more) ask();
      else if (queue() === list) append(more, link);
    } catch {
      /* the line is down: the page says so elsewhere */
    }
  }, Math.max(0, asked + HUNGRY * (1 + Math.random() / 3) - Date.now()));
}
function append(more, link) {
  const items = document.getElementById("items"), level = document.querySelector(".queue h1.qh") ? "h2" : "h3";
  for (const brought of more.querySelectorAll("ul")) {
    for (const row of brought.querySelectorAll("a.item")) if (document.getElementById(row.id)) row.closest("li").remove();
    const title = brought.previousElementSibling.textContent, before = [...items.querySelectorAll(".grp")].at(-1);
    if (before?.firstChild.textContent.trim() === title) before.nextElementSibling.append(...brought.children);
    else if (brought.children.length) {
      const heading = document.createElement(level);
      [heading.className, heading.textContent] = ["grp", title];
      items.append(heading, brought);
    }
  }
  if (more.dataset.older) link.search = more.dataset.older;
  else link.remove();
  several();
}
function fewer(node) {
  if (node && /^\d+$/.test(node.textContent)) node.textContent = String(Math.max(0, Number(node.textContent) - 1));
}
export function drop(id) {
  const place = document.getElementById(`row-${id}`)?.closest("li");
  if (!place || !waiting()) return;
  const list = place.parentElement, heading = list.previousElementSibling;
  if (place.contains(document.activeElement)) document.getElementById("items").focus();
  place.remove();
  fewer(heading?.querySelector(".num"));
  fewer(document.querySelector(`[data-of="${queue().dataset.tab}"]`));
  if (queue().dataset.tab === "mine") document.querySelectorAll("[data-count=inbox]").forEach(fewer);
  if (!list.children.length) [list, heading].forEach((node) => node?.remove());
  several();
}
document.body.addEventListener("ledger", ({ detail: { reviews = {} } }) => {
  const gone = reviews.gone ?? [];
  went += gone.length;
  if (waiting()) gone.forEach(drop);
  const came = Object.keys(reviews).some((name) => !["gone", "commented"].includes(name));
  const short = rows().length < FEW, more = document.getElementById("page-after");
  if (came || (gone.length && !waiting()) || (!more && !rows().length)) ask();
  if (short && more && waiting()) fetchFurther();
});
document.addEventListener("visibilitychange", () => document.hidden || ask());

/* Chosen items: they stay chosen while the list is brought up to date. */
const chosen = new Set();
function several() {
  const form = document.getElementById("several");
  if (!form) return;
  const boxes = [...document.querySelectorAll("#items .pick input")];
  const there = new Set(boxes.map((box) => box.value));
  for (const id of chosen) if (!there.has(id)) chosen.delete(id);
  for (const box of boxes) box.checked = chosen.has(box.value);
  form.hidden = !chosen.size;
  form.querySelector("[data-chosen]").textContent = chosen.size || "";
}
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("#items .pick input")) return;
  if (target.checked) chosen.add(target.value);
  else chosen.delete(target.value);
  several();
});
document.body.addEventListener("htmx:afterSettle", several);
document.querySelectorAll("#items .pick input:checked").forEach((box) => chosen.add(box.value));
several();

/* Who else has it open. */
function say(more = {}) {
  return new URLSearchParams({ csrfmiddlewaretoken: token(), ...more });
}
async function look() {
  const address = item()?.dataset.here;
  if (!address || document.hidden) return;
  try {
    const answer = await fetch(address, { method: "POST", body: say() });
    const place = document.getElementById("presence");
    if (answer.ok && !answer.redirected && place && item().dataset.here === address) place.innerHTML = await answer.text();
  } catch {
    /* the line is down: the page says so elsewhere */
  }
}
let looked = "";
function leave() {
  if (looked) navigator.sendBeacon(looked, say({ left: "1" }));
  looked = "";
}
function arrive() {
  if (looked !== item()?.dataset.here) leave();
  looked = item()?.dataset.here ?? "";
  look();
  const tab = item()?.querySelector(".tabs [aria-current]"), row = tab?.parentElement.getBoundingClientRect();
  if (row) tab.parentElement.scrollBy({ left: tab.getBoundingClientRect().left - row.left - row.width / 3 });
}
setInterval(look, LOOK);

/* The reason, kept while it is typed. */
let typing = null;
function keep() {
  const address = item()?.dataset.words, reason = document.getElementById("reason");
  clearTimeout(typing);
  if (!typing || !address || !reason) return;
  typing = null;
  fetch(address, { method: "POST", keepalive: true, body: say({ reason: reason.value }) }).catch(() => {});
}
document.addEventListener("input", ({ target }) => {
  if (target.id !== "reason" || !item()?.dataset.words) return;
  clearTimeout(typing);
  typing = setTimeout(keep, TYPED);
});
document.addEventListener("submit", () => {
  clearTimeout(typing);
  typing = null;
});
addEventListener("pagehide", () => {
  keep();
  leave();
});
document.addEventListener("brought", arrive);
document.body.addEventListener("htmx:afterSettle", ({ target }) => target.id === "item" && arrive());
arrive();
