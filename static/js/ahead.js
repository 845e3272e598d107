/* The next item, brought before it is asked for: J shows it at once, and so does a decision, which is sent meanwhile.

   What is shown is bound to its version and hash as ever, so an item that was brought too early is only refused. For a
   moment after another item has come, nothing is decided: a second press was meant for the one before. */
import { drop } from "./inbox.js";

const FRESH = 30_000, GUARD = 500, IDLE = 150;
const toasts = document.getElementById("toasts");
let kept = null, shownAt = -GUARD, soon = null;

const item = () => document.getElementById("item");
const link = () => document.querySelector("#item a[data-ahead]");
const ready = () => kept && link()?.href === kept.url && Date.now() - kept.at < FRESH;

async function bring() {
  const next = link();
  if (!next || document.hidden || ready()) return;
  const url = next.href;
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": "item" } });
    if (answer.ok && !answer.redirected) kept = { url, html: await answer.text(), at: Date.now() };
  } catch {
    kept = null;
  }
}
function later() {
  clearTimeout(soon);
  soon = setTimeout(bring, IDLE);
}
function mark(id) {
  for (const row of document.querySelectorAll("a.item[aria-current]")) row.removeAttribute("aria-current");
  const row = document.getElementById(`row-${id}`), box = document.getElementById(`pick-${id}`);
  row?.setAttribute("aria-current", "true");
  row?.scrollIntoView({ block: "nearest" });
  const before = document.querySelector(".pick [data-key]");
  if (box && before) {
    [box.dataset.key, box.dataset.keyLabel] = [before.dataset.key, before.dataset.keyLabel];
    if (before !== box) before.removeAttribute("data-key");
  }
}
function lower() {
  const title = document.querySelector(".queue h1.qh");
  if (!title) return;
  const second = document.createElement("h2");
  second.className = title.className;
  second.append(...title.childNodes);
  title.replaceWith(second);
}
function show({ url, html }) {
  const brought = document.createElement("template");
  brought.innerHTML = html;
  const fresh = brought.content.querySelector("#item");
  if (!fresh?.dataset.review) return location.assign(url);
  kept = null;
  item().replaceWith(fresh);
  htmx.process(fresh);
  document.getElementById("main").classList.add("is-item");
  document.title = fresh.dataset.title;
  history.pushState({ ahead: true }, "", url);
  lower();
  mark(fresh.dataset.review);
  const queue = document.getElementById("queue");
  queue.setAttribute("hx-get", fresh.dataset.live);
  htmx.process(queue);
  fresh.querySelector("article.doc")?.focus({ preventScroll: true });
  if (matchMedia("(max-width: 45em)").matches) scrollTo({ top: 0, behavior: "instant" });
  shownAt = performance.now();
  fresh.dispatchEvent(new CustomEvent("brought", { bubbles: true }));
  later();
}

document.addEventListener("click", (event) => {
  const next = event.target.closest?.("a[data-ahead]");
  if (!next || event.ctrlKey || event.metaKey || event.shiftKey || event.button || !ready()) return;
  event.preventDefault();
  show(kept);
});
addEventListener("popstate", () => {
  if (item()?.dataset.review && !location.pathname.endsWith(`/${item().dataset.review}/`)) location.reload();
});

async function send(form, submitter) {
  const data = new URLSearchParams(new FormData(form, submitter));
  const id = item().dataset.review, title = item().querySelector(".dhead :is(h1, h2)").textContent;
  const { action } = form;
  show(kept);
  drop(id);
  try {
    const answer = await fetch(action, { method: "POST", body: data, headers: { "HX-Request": "true", "HX-Target": "decided" } });
    if (answer.redirected) return location.reload();
    toasts.innerHTML = await answer.text();
  } catch {
    toasts.querySelector("[data-lost]")?.remove();
    const said = document.createElement("p");
    said.className = "note bad";
    said.role = "alert";
    said.dataset.lost = id;
    const open = document.createElement("a");
    open.className = "link";
    open.href = `../${id}/`;
    open.textContent = title;
    said.append(`${toasts.dataset.textLost} `, open);
    toasts.replaceChildren(said);
  }
  htmx.process(toasts);
  toasts.dispatchEvent(new CustomEvent("brought", { bubbles: true }));
  document.body.dispatchEvent(new CustomEvent("htmx:afterSettle"));
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form.decide") || event.submitter?.hasAttribute("formaction")) return;
  if (performance.now() - shownAt < GUARD) return event.preventDefault();
  if (form.matches("[data-alone]") || !form.elements.next?.checked || !event.submitter || !ready()) return;
  event.preventDefault();
  send(form, event.submitter);
});
document.body.addEventListener("htmx:afterSettle", ({ target }) => target.id === "item" && later());
document.addEventListener("visibilitychange", () => document.hidden || later());
addEventListener("load", later);
later();
