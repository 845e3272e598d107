/* The editor of a draft. Without this script each form is sent by its buttons; with it a form saves itself.

   A save sends the whole form and gets the whole page. Of that page the pieces are taken that stand around the form,
   and inside the form only what the reader is not writing in. What could not be sent is sent again. */
const SOON = 700;
const AT_ONCE = 60;
const AGAIN = 3_000;
const LOOK = 12_000;
const PIECES = ["ed-saved", "ed-why", "publish", "ed-notes", "ed-steps", "ed-count", "ed-panes", "ed-graph", "ed-head", "ed-lines", "ed-ready", "ed-path", "add", "names-here", "names", "row--place"];
const CONTROL = "input, select, textarea";

let main = document.getElementById("main");
let timer, sending = false, dirty = false, again = null;

const form = () => document.getElementById("edit");
const say = (text, bad = false) => {
  const place = document.getElementById("ed-say");
  if (!place) return;
  place.textContent = text;
  place.classList.toggle("bad", bad);
};

/* Saving. */
function later(wait, act = null) {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(() => save(act), wait);
  if (wait === AGAIN) say(main.dataset.textFailed, true);
  else say(main.dataset.textTyping);
}
/* `act` is what a button asks for, with the lists beside it as they stood when it was pressed. */
async function save(act = null) {
  clearTimeout(timer);
  if (sending) return void (again = act ?? again ?? true);
  const edited = form();
  if (!edited) return;
  sending = true;
  dirty = false;
  say(main.dataset.textSaving);
  const sent = new Map([...edited.elements].map((field) => [field, valueOf(field)]));
  const body = new FormData(edited);
  for (const [name, value] of Object.entries(act ?? {})) body.set(name, value);
  try {
    const answer = await fetch(edited.action, {
      method: "POST", body, headers: { "X-Editor": "1" }, redirect: "follow", keepalive: edited.elements.length < 200 && !edited.source,
    }).catch(() => null);
    const text = await answer?.text().catch(() => null);
    if (typeof text !== "string") {
      later(AGAIN, again && again !== true ? again : act);
      return void (again = null);
    }
    if (answer.redirected || !text.includes("data-editor")) return leave(answer, text);
    take(new DOMParser().parseFromString(text, "text/html"), sent, Number(answer.headers.get("X-Editor")), act);
    say(dirty ? main.dataset.textTyping : "");
  } finally {
    sending = false;
    if (again) {
      const next = again === true ? null : again;
      again = null;
      save(next);
    }
  }
}
function asked(submitter) {
  if (!submitter?.name) return null;
  const beside = ["kind", "where", "to"].map((name) => document.getElementById(name)).filter(Boolean);
  return { ...Object.fromEntries(beside.map((field) => [field.name, field.value])), [submitter.name]: submitter.value };
}
function leave(answer, text) {
  if (answer.redirected) return location.assign(answer.url);
  document.open();
  document.write(text);
  document.close();
}
const valueOf = (field) => (field.type === "checkbox" ? field.checked : field.value);

/* Taking the answer. */
function take(page, sent, status, act) {
  const fresh = page.getElementById("main");
  notices(page);
  const elsewhere = keyOf(fresh) !== keyOf(main) || fresh.classList.contains("broken") !== main.classList.contains("broken");
  main.dataset.revision = fresh.dataset.revision;
  if ((elsewhere || rowsOf(page) !== rowsOf(document)) && !dirty) return whole(fresh);
  for (const id of PIECES) swap(id, page);
  const source = document.getElementById("source");
  if (source) return text(source, page.getElementById("source"), sent, status);
  for (const row of document.querySelectorAll("[data-row]")) refresh(row, page.getElementById(row.id), sent);
  const moved = /^(up|down):/.exec(act?.do ?? "");
  if (moved) document.querySelector(`button[value="${CSS.escape(act.do)}"]`)?.focus();
}
const rowsOf = (root) => [...root.querySelectorAll("[data-row]")].map((row) => row.id).join();
const keyOf = (node) => node.querySelector("#edit [name=step]")?.value;
function whole(fresh) {
  const text = document.activeElement?.id === "source" ? document.activeElement : null;
  const at = text && [text.selectionStart, text.selectionEnd, text.closest(".ybox").scrollTop];
  main.replaceWith(fresh);
  main = fresh;
  begin();
  const query = new URLSearchParams({ view: fresh.querySelector("#edit [name=view]").value, step: keyOf(fresh) });
  const run = fresh.querySelector("#edit [name=run]")?.value;
  if (run) query.set("run", run);
  history.replaceState(null, "", `?${query}`);
  const first = fresh.querySelector("#f-name") ?? fresh.querySelector("#source");
  first?.focus();
  if (first?.id === "f-name") first.select();
  if (at && first?.id === "source") {
    first.setSelectionRange(at[0], at[1]);
    first.closest(".ybox").scrollTop = at[2];
  }
  document.querySelector("[data-scroll] [aria-current]")?.scrollIntoView({ block: "nearest" });
  window.htmx?.process(fresh);
}
function notices(page) {
  const said = page.querySelector(".notices");
  document.querySelector(".notices")?.remove();
  if (said) main.before(said);
  said?.querySelectorAll("[data-dismiss]").forEach((button) => (button.hidden = false));
}
function swap(id, page) {
  const old = document.getElementById(id), fresh = page.getElementById(id);
  if (!old || !fresh || old.outerHTML === fresh.outerHTML) return;
  if (old.contains(document.activeElement) && old.querySelector(CONTROL)) return;
  if (old.open) fresh.open = true;
  const [left, top] = [old.scrollLeft, old.scrollTop];
  const focused = old.contains(document.activeElement) && place(old, document.activeElement);
  old.replaceWith(fresh);
  fresh.scrollTo({ left, top, behavior: "instant" });
  if (focused) [...fresh.querySelectorAll(focused.kind)][focused.number]?.focus();
}
const place = (around, node) => {
  const kind = node.tagName.toLowerCase();
  return { kind, number: [...around.querySelectorAll(kind)].indexOf(node) };
};
const shape = (row) => [...row.querySelectorAll(CONTROL)].map((field) => `${field.name}/${field.type}/${field.options?.length ?? 0}`).join();

/* One field of the form: values that the reader has not touched since, and all that stands beside them. */
function refresh(row, fresh, sent) {
  if (!fresh) return;
  if (shape(row) !== shape(fresh)) {
    if (!writtenSince(row, sent)) return renew(row, fresh);
    const was = (around) => around.querySelector("[name^='was.']");
    was(row).value = was(fresh).value; // what is written now is a change of what is saved now
    return later(SOON);
  }
  const news = [...fresh.querySelectorAll(CONTROL)];
  [...row.querySelectorAll(CONTROL)].forEach((field, at) => put(field, news[at], sent));
  row.className = fresh.className;
  const folds = [...fresh.querySelectorAll(".fold")];
  row.querySelectorAll(".fold").forEach((fold, at) => {
    fold.open ||= folds[at].open;
    fold.querySelector(".setting").replaceWith(folds[at].querySelector(".setting"));
  });
  const [beside, after] = [row.querySelector(".beside"), fresh.querySelector(".beside")];
  if (beside.innerHTML !== after.innerHTML && !beside.contains(document.activeElement)) beside.replaceWith(after);
  const values = [...fresh.querySelectorAll(".ln")].map((line) => line.querySelector(".pv"));
  [...row.querySelectorAll(".ln")].forEach((line, at) => {
    line.querySelector(".pv")?.remove();
    if (values[at]) line.append(values[at]);
  });
}
function put(field, fresh, sent) {
  const touched = sent && sent.has(field) && valueOf(field) !== sent.get(field);
  if (touched && field.type !== "hidden") return void later(SOON);
  field.toggleAttribute("data-cel", fresh.hasAttribute("data-cel"));
  if (fresh.getAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  if (field === document.activeElement && field.type !== "hidden") return;
  if (field.type === "checkbox") field.checked = fresh.checked;
  else if (field.value !== fresh.value) field.value = fresh.value;
}
const writtenSince = (row, sent) => Boolean(sent) && [...row.querySelectorAll(CONTROL)].some((field) => !sent.has(field) || valueOf(field) !== sent.get(field));
function renew(row, fresh) {
  const active = row.contains(document.activeElement) ? document.activeElement : null;
  const kept = active && { from: active.selectionStart, to: active.selectionEnd };
  const folded = [...fresh.querySelectorAll("details")];
  row.querySelectorAll("details").forEach((one, at) => folded[at] && (folded[at].open ||= one.open));
  row.replaceWith(fresh);
  modes();
  if (!kept) return;
  const field = counterpart(active, row, fresh) ?? [...fresh.querySelectorAll(CONTROL)].find((one) => one.type !== "hidden");
  if (!field) return;
  field.focus();
  if (kept.from !== null && field.setSelectionRange && field.type === "text") field.setSelectionRange(kept.from, kept.to);
}

/* The same field in the newer row: of that name, with what stood in it, else at the same place among those of the name. */
function counterpart(active, row, fresh) {
  const among = (around) => [...around.querySelectorAll(CONTROL)].filter((field) => field.name === active.name);
  const there = among(fresh);
  return (active.value && there.find((field) => field.value === active.value)) || there[among(row).indexOf(active)] || there.at(-1);
}
/* A row for one more, as soon as somebody writes into the empty one. */
function grow(event) {
  const row = event.target.closest("[data-fresh-row]");
  if (!row || !event.target.value) return;
  const next = row.cloneNode(true);
  for (const field of next.querySelectorAll(CONTROL)) {
    if (field.tagName === "SELECT") field.selectedIndex = Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
    else field.value = field.defaultValue;
  }
  row.classList.remove("fresh");
  row.removeAttribute("data-fresh-row");
  next.querySelector(".offers")?.remove();
  row.after(next);
}

/* The text. */
function text(source, fresh, sent, status) {
  const revision = document.querySelector("[data-revision][type=hidden]");
  if (revision) revision.value = main.dataset.revision;
  if (fresh && status === 409) source.value = fresh.value;
  else if (sent && source.value !== sent.get(source)) later(SOON);
  gutter();
}
function gutter() {
  const source = document.getElementById("source"), numbers = document.getElementById("ed-gutter");
  if (!source || !numbers) return;
  const wanted = source.value.split("\n").length;
  while (numbers.children.length > wanted) numbers.lastChild.remove();
  while (numbers.children.length < wanted) {
    const line = document.createElement("i");
    line.textContent = numbers.children.length + 1;
    line.id = `line-${line.textContent}`;
    numbers.append(line);
  }
  const wrong = new Set([...document.querySelectorAll("#ed-ready [data-line]")].map((link) => link.dataset.line));
  for (const line of numbers.children) line.classList.toggle("wrong", wrong.has(line.textContent));
}
function show(line) {
  const source = document.getElementById("source");
  if (!source) return;
  const lines = source.value.split("\n");
  const from = lines.slice(0, line - 1).join("\n").length + (line > 1);
  source.focus({ preventScroll: true });
  source.setSelectionRange(from, from + (lines[line - 1] ?? "").length);
  document.getElementById(`line-${line}`)?.scrollIntoView({ block: "center" });
}
function indent(event) {
  const source = event.target;
  if (event.key === "Escape") source.dataset.leaving = "yes";
  if (event.key !== "Tab" || source.dataset.leaving) return;
  event.preventDefault();
  const start = source.value.lastIndexOf("\n", source.selectionStart - 1) + 1;
  if (event.shiftKey) {
    if (source.value.slice(start, start + 2) === "  ") source.setRangeText("", start, start + 2, "preserve");
  } else source.setRangeText("  ", source.selectionStart, source.selectionEnd, "end");
  source.dispatchEvent(new Event("input", { bubbles: true }));
}

/* What others do. */
async function look() {
  if (document.hidden || sending || dirty || !main?.dataset.state) return;
  try {
    const state = await (await fetch(main.dataset.state, { headers: { accept: "application/json" } })).json();
    if (state.revision <= Number(main.dataset.revision)) return;
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    if (sending || dirty || !page.querySelector("[data-editor]")) return;
    const sent = new Map([...form().elements].map((field) => [field, valueOf(field)]));
    const source = page.getElementById("source");
    take(page, sent, source ? 409 : 200, null);
    if (!state.mine) say(main.dataset.textTheirs.replace("{name}", state.by));
  } catch {
    return;
  }
}

/* Completion of expressions from what is in scope. */
let offers = null, token = "";
function complete(field) {
  close();
  const before = field.value.slice(0, field.selectionStart);
  token = before.match(/[A-Za-z_][\w.]*$/)?.[0] ?? "";
  if (!token) return;
  const names = JSON.parse(document.getElementById("names")?.textContent ?? "[]");
  const fits = names.filter((name) => name.text.startsWith(token) && name.text !== token);
  const more = names.filter((name) => !name.text.startsWith(token) && name.text.includes(token));
  const found = [...fits, ...more].slice(0, 10);
  if (!found.length) return;
  offers = document.createElement("ul");
  offers.className = "offers";
  offers.id = "offers";
  offers.setAttribute("role", "listbox");
  found.forEach((name, at) => offers.append(offer(name, at)));
  field.closest(".cel").append(offers);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", "offers");
  field.setAttribute("aria-expanded", "true");
  choose(field, -1);
}
function offer(name, at) {
  const item = document.createElement("li");
  item.id = `offer-${at}`;
  item.setAttribute("role", "option");
  const code = document.createElement("code"), was = document.createElement("span");
  code.textContent = name.text;
  was.textContent = name.was;
  item.append(code, was);
  return item;
}
function choose(field, at) {
  [...offers.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
  if (at < 0) field.removeAttribute("aria-activedescendant");
  else field.setAttribute("aria-activedescendant", `offer-${at}`);
  offers.children[at]?.scrollIntoView({ block: "nearest" });
}
const chosen = () => [...offers.children].findIndex((item) => item.getAttribute("aria-selected") === "true");
function accept(field, item) {
  const end = field.selectionStart;
  field.setRangeText(item.querySelector("code").textContent, end - token.length, end, "end");
  close();
  later(SOON);
}
function close() {
  for (const field of document.querySelectorAll("[aria-controls=offers]")) {
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    field.removeAttribute("aria-controls");
  }
  offers?.remove();
  offers = null;
}
function steer(event) {
  const field = event.target, count = offers.children.length, at = chosen();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(field, (at + (event.key === "ArrowDown" ? 1 : count - (at < 0 ? 0 : 1))) % count);
  else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) accept(field, offers.children[at]);
  else if (event.key === "Tab" && event.shiftKey === false && count && at < 0) return close();
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function modes() {
  for (const select of document.querySelectorAll("[data-modes]")) {
    for (const mode of select.closest(".lns").querySelectorAll("[data-mode]")) {
      mode.toggleAttribute("data-unused", !mode.dataset.mode.split(" ").includes(select.value));
    }
  }
}
function begin() {
  main.dataset.js = "yes";
  main.querySelectorAll("[data-goes]").forEach((button) => (button.hidden = true));
  modes();
  gutter();
  lead();
}
/* To the line, or into the field, that the address names. */
function lead() {
  const line = location.hash.match(/^#line-(\d+)$/)?.[1];
  if (line) return show(Number(line));
  const row = location.hash.startsWith("#row-") ? document.getElementById(location.hash.slice(1)) : null;
  if (!row) return;
  const field = [...row.querySelectorAll(CONTROL)].find((one) => one.type !== "hidden" && (one.checkVisibility?.() ?? true));
  row.scrollIntoView({ block: "center", behavior: "instant" });
  field?.focus({ preventScroll: true });
}

document.addEventListener("input", (event) => {
  if (!event.target.form?.matches("[data-autosave]") || event.target.closest(".adder, #row--place")) return;
  grow(event);
  if (event.target.matches("[data-cel]")) complete(event.target);
  if (event.target.id === "source") gutter();
  later(SOON);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-modes]")) modes();
  if (event.target.matches("[data-go]")) return event.target.form.requestSubmit();
  if (event.target.form?.matches("[data-autosave]") && !event.target.closest(".adder, #row--place")) later(AT_ONCE);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-autosave]")) return;
  event.preventDefault();
  save(asked(event.submitter));
});
document.addEventListener("keydown", (event) => {
  if (offers && event.target.matches("[data-cel]")) return steer(event);
  if (event.target.id === "source") return indent(event);
  if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    const button = document.querySelector(`[data-alt=${event.key}]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }
  if (event.key === "Enter" && event.target.matches("#edit input")) {
    event.preventDefault();
    later(AT_ONCE);
  }
}, true);
document.addEventListener("mousedown", (event) => {
  const item = event.target.closest?.(".offers li");
  if (!item) return;
  event.preventDefault();
  accept(item.closest(".cel").querySelector("[data-cel]"), item);
});
document.addEventListener("focusout", (event) => {
  if (event.target.id === "source") delete event.target.dataset.leaving;
  if (offers && event.target.matches?.("[data-cel]")) close();
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (opener) {
    event.preventDefault();
    const details = document.getElementById(opener.dataset.opens);
    details.open = true;
    if (opener.dataset.where) details.querySelector("[name=where]").value = opener.dataset.where;
    details.querySelector("select").focus();
    return;
  }
  if (event.target.closest?.("a[href*='#row-']")) setTimeout(lead, 0); // to where one is already, too
  const line = event.target.closest?.("[data-line]")?.dataset.line;
  if (line && document.getElementById("source")) {
    event.preventDefault();
    show(Number(line));
  } else if (dirty && event.target.closest?.("a[href]")) save();
});
window.addEventListener("hashchange", lead);
// Going to a fragment, the browser takes the focus away once the page is there.
window.addEventListener("load", () => setTimeout(() => document.activeElement === document.body && lead(), 0));
document.addEventListener("visibilitychange", () => {
  if (document.hidden && dirty) save();
});
window.addEventListener("beforeunload", (event) => {
  if (dirty || sending) {
    save();
    event.preventDefault();
  }
});
document.body.addEventListener("ledger:version", look);
setInterval(look, LOOK);
begin();
