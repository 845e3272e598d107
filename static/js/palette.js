/* The palette: every command of the page by name. It holds nothing of its own: what has data-key or data-command is
   offered, and so is every page of the navigation. Words that name no command are searched for in the inbox. */
import { keyOf, named, off, offered, run, shown } from "./keys.js";

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
const MOST = 12;
let entries = [], at = 0;

const plain = (text) => text.trim().replace(/\s+/g, " ");

function commands() {
  const keyed = offered().map((node) => ({ text: node.dataset.keyLabel ?? plain(node.textContent), key: keyOf(node), node }));
  const others = [...document.querySelectorAll("[data-command]:not([data-key])")].filter((node) => shown(node) && !node.disabled);
  const links = [...document.querySelectorAll(".app > .nav a[href]")];
  return [
    ...keyed,
    ...others.map((node) => ({ text: node.dataset.command, node })),
    ...links.map((node) => ({ text: plain(node.title || node.textContent), go: node.href })),
  ];
}
function found(words) {
  const asked = words.toLowerCase().split(/\s+/).filter(Boolean);
  const seen = new Set();
  const fit = commands().filter(({ text }) => {
    const name = text.toLowerCase();
    if (seen.has(name) || !asked.every((word) => name.includes(word))) return false;
    return seen.add(name);
  });
  const more = [];
  if (/^\d{1,18}$/.test(words)) more.push({ text: dialog.dataset.textRun.replace("{q}", words), go: `${dialog.dataset.runs}${words}/` });
  if (words) more.push({ text: dialog.dataset.textSearch.replace("{q}", words), go: `${dialog.dataset.inbox}?q=${encodeURIComponent(words)}` });
  return [...fit.slice(0, MOST), ...more];
}
function draw() {
  entries = found(plain(input.value));
  at = Math.min(at, Math.max(0, entries.length - 1));
  list.replaceChildren(...entries.map(({ text, key }, place) => {
    const item = document.createElement("li");
    item.id = `command-${place}`;
    item.role = "option";
    item.ariaSelected = String(place === at);
    item.textContent = text;
    if (key && !off()) {
      const cap = document.createElement("kbd");
      cap.textContent = named(key);
      item.append(cap);
    }
    return item;
  }));
  input.setAttribute("aria-activedescendant", entries.length ? `command-${at}` : "");
  list.children[at]?.scrollIntoView({ block: "nearest" });
}
function open() {
  if (dialog.open || document.querySelector("dialog[open]")) return;
  document.querySelectorAll("[popover]").forEach((sheet) => sheet.matches(":popover-open") && sheet.hidePopover());
  input.value = "";
  at = 0;
  dialog.showModal();
  draw();
  input.focus();
}
function choose(entry) {
  if (!entry) return;
  dialog.close();
  if (entry.go) location.assign(entry.go);
  else run(entry.node);
}

if (dialog) {
  document.querySelectorAll("[data-palette]").forEach((node) => (node.hidden = false));
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => event.target.closest?.("[data-palette]") && open());
  input.addEventListener("input", () => {
    at = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && entries.length) at = (at + step + entries.length) % entries.length;
    else if (event.key !== "Enter") return;
    event.preventDefault();
    if (step) draw();
    else choose(entries[at]);
  });
  list.addEventListener("click", (event) => choose(entries[[...list.children].indexOf(event.target.closest("li"))]));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
