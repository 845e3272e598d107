/* The form of a review while it is filled in: what follows from an answer comes as the page goes on.

   Only what is other than before is changed, so that nobody loses what they type, choose or press: what is asked as before
   stays as it stands, and nothing moves while a key or a finger is down. A button of the form waits for what is under way,
   so that its answer is the later one. */
const HELD = 2_000; // ms at most: where a list of choices lies over the page, nothing tells of the letting go
const CLICK = 60; // ms from the letting go to the click that it makes

const section = () => document.getElementById("answers");
const controls = (root) => [...root.querySelectorAll("input, select, textarea, button")];
let pressed = 0, letGo = 0, brought = null, checking = null, underway = 0, next = null;

/* A control is known by its name; a box by its value too, and so is a button. */
function same(root, one) {
  const many = ["checkbox", "radio", "submit"].includes(one.type);
  return controls(root).find((other) => other.name === one.name && other.type === one.type && (!many || other.value === one.value));
}
/* What is asked, without what was answered; a hidden field is no answer of anybody's. */
function asked(node) {
  const bare = node.cloneNode(true);
  for (const one of controls(bare)) {
    ["checked", "autofocus"].forEach((name) => one.removeAttribute(name));
    if (!["hidden", "checkbox", "submit"].includes(one.type)) one.removeAttribute("value");
    if (one.tagName === "TEXTAREA") one.textContent = "";
  }
  bare.querySelectorAll("option").forEach((one) => one.removeAttribute("selected"));
  return bare.outerHTML.replace(/\s+/g, " ");
}
function carry(from, to) {
  for (const old of controls(from)) {
    const fresh = same(to, old);
    if (!fresh || ["hidden", "file", "submit"].includes(old.type)) continue;
    if (old.type === "checkbox" || old.type === "radio") fresh.checked = old.checked;
    else fresh.value = old.value;
  }
}
function replace(old, fresh) {
  const at = old.contains(document.activeElement) ? document.activeElement : null;
  const caret = at?.matches("input[type=text], textarea") ? [at.selectionStart, at.selectionEnd] : null;
  carry(old, fresh);
  old.replaceWith(fresh);
  const again = at && same(fresh, at);
  again?.focus({ preventScroll: true });
  if (caret) again?.setSelectionRange(...caret);
}
function bring(fresh) {
  const parts = [...fresh.children], ids = new Set(parts.map((part) => part.id));
  for (const part of [...section().children]) if (part.id && !ids.has(part.id)) part.remove();
  let last = null;
  for (const part of parts.filter(({ id }) => id)) {
    const old = document.getElementById(part.id);
    if (!old) last.after(part);
    else if (asked(old) !== asked(part)) replace(old, part);
    last = document.getElementById(part.id);
  }
}

const free = () => performance.now() > (pressed ? pressed + HELD : letGo + CLICK);
function settle() {
  clearTimeout(checking);
  if (!brought && !next) return;
  if (!free() || underway) return void (checking = setTimeout(settle, CLICK));
  if (brought && section()) bring(brought);
  brought = null;
  const button = next && section() && same(section(), next);
  next = null;
  button?.form.requestSubmit(button);
}
function down({ repeat }) {
  if (!repeat) pressed = performance.now();
}
function up() {
  pressed = 0;
  letGo = performance.now();
}
for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, down, true);
for (const name of ["pointerup", "pointercancel", "keyup"]) document.addEventListener(name, up, true);
document.addEventListener("change", ({ target }) => target.matches("select") && up(), true);
addEventListener("blur", up);

const ours = ({ target }) => target.id === "answers";
document.body.addEventListener("htmx:beforeRequest", (event) => ours(event) && (underway += 1));
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (!ours(event)) return;
  underway -= 1;
  setTimeout(settle, 0); // the next one that waits in htmx goes first
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { shouldSwap, serverResponse } = event.detail;
  const fresh = ours(event) && shouldSwap && new DOMParser().parseFromString(serverResponse, "text/html").getElementById("answers");
  if (!fresh) return;
  event.detail.shouldSwap = false;
  brought = document.adoptNode(fresh);
});
document.addEventListener("submit", (event) => {
  if (!underway || !section()?.contains(event.submitter)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  next = event.submitter;
}, true);
