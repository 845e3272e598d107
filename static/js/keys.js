/* One registry of commands, for keys, the palette (palette.js), tooltips and the help sheet. An element offers one with data-key="a" and data-key-label="Approve"; the same
   entry feeds the key, the tooltip, aria-keyshortcuts and the help sheet. A key clicks its element, or puts
   the focus into it when it is a field. Single keys are off in fields, and altogether where the reader says so: on
   this device, else for the account. Who has other keys of their own (audit/keys.py) gets them in every one of these. */
const help = document.getElementById("help");
const toggle = help?.querySelector("[data-keys-switch]");
const FIELD = "input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, [contenteditable=true]";

const root = document.documentElement;
const own = JSON.parse(root.dataset.keymap || "{}");
export const keyOf = (node) => own[node.dataset.key] ?? node.dataset.key;

export const off = () => (localStorage.getItem("keys") ?? root.dataset.keysAccount) === "off";
export const shown = (node) => node.checkVisibility?.() ?? node.offsetParent !== null;
const usable = (node) => shown(node) && !node.disabled;
export const offered = () => [...document.querySelectorAll("[data-key]")].filter(usable);
export const named = (key) => ({ Escape: "Esc", ArrowDown: "↓", ArrowUp: "↑" })[key] ?? (key.length === 1 ? key.toUpperCase() : key);

function apply() {
  document.documentElement.dataset.keys = off() ? "off" : "on";
  for (const node of document.querySelectorAll("[data-key]")) {
    if (off()) node.removeAttribute("aria-keyshortcuts");
    else node.setAttribute("aria-keyshortcuts", keyOf(node));
    const label = node.dataset.keyLabel, cap = node.querySelector("kbd");
    if (label && !node.matches(FIELD)) node.title = off() ? label : `${label} (${named(keyOf(node))})`;
    if (cap && cap.textContent !== named(keyOf(node))) cap.textContent = named(keyOf(node));
  }
  for (const cap of document.querySelectorAll("kbd[data-cap]")) cap.textContent = named(own[cap.dataset.cap] ?? cap.dataset.cap);
}

function line(key, text) {
  const item = document.createElement("li");
  const cap = document.createElement("kbd");
  cap.textContent = named(key);
  item.append(cap, text);
  return item;
}
function open() {
  const entries = new Map(offered().map((node) => [keyOf(node), node.dataset.keyLabel ?? node.textContent.trim()]));
  const lines = [...entries].map(([key, text]) => line(key, text));
  help.querySelector("ul").replaceChildren(
    ...lines, line("Ctrl K", help.dataset.textPalette), line("?", help.dataset.textHelp), line("Escape", help.dataset.textLeave));
  document.querySelectorAll("[popover]").forEach((sheet) => sheet.matches(":popover-open") && sheet.hidePopover());
  help.showModal();
}

export function run(node) {
  if (node.matches(FIELD)) {
    node.focus();
    node.select?.();
  } else {
    node.click();
  }
}

function leave(event) {
  if (event.target.matches("[data-escape]")) return;
  event.target.blur();
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open], [popover]:popover-open")) return;
  if (event.target.matches?.(FIELD)) return event.key === "Escape" ? leave(event) : undefined;
  if (off() && event.key.length === 1) return;
  if (event.key === "?" && help) {
    event.preventDefault();
    return open();
  }
  const pressed = event.key.toLowerCase();
  const node = [...document.querySelectorAll("[data-key]")].find((one) => keyOf(one).toLowerCase() === pressed && usable(one));
  if (!node || event.repeat && !node.matches("[data-key-repeat]")) return;
  event.preventDefault();
  run(node);
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-help]")) open();
});
toggle?.addEventListener("change", () => {
  localStorage.setItem("keys", toggle.checked ? "on" : "off");
  apply();
});
/* What is kept for the account holds on this device too. */
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-keys-form]")) localStorage.removeItem("keys");
});
document.body.addEventListener("htmx:afterSettle", apply);
document.addEventListener("brought", apply);

if (help) {
  toggle.checked = !off();
  document.querySelectorAll("[data-help]").forEach((node) => (node.hidden = false));
}
apply();
