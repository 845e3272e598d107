/* Notices of the browser: an open page is called over its socket, asks what there is, and shows it. Nothing is asked
   for before somebody presses the button. Several open pages show the same notice once: they share its tag. */
const KEY = "notices-shown";

const supported = "Notification" in window;
const address = document.body.dataset.notices;

function after() {
  return Number(localStorage.getItem(KEY)) || 0;
}
async function ask() {
  if (!supported || !address || Notification.permission !== "granted") return;
  const answer = await fetch(`${address}?after=${after()}`, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  for (const one of (await answer.json()).notices) show(one);
}
function show({ id, title, body, url }) {
  if (id <= after()) return;
  localStorage.setItem(KEY, id);
  const shown = new Notification(title, { body, tag: `handrail-${id}` });
  shown.onclick = () => {
    window.focus();
    location.assign(url);
  };
}

document.body.addEventListener("notice", () => void ask().catch(() => {}));

const part = document.getElementById("browser");
function say() {
  for (const line of part.querySelectorAll("[data-permission]")) {
    line.hidden = line.dataset.permission !== (supported && Notification.permission !== "default" ? Notification.permission : "");
  }
  part.querySelector("[data-allow]").hidden = !supported || Notification.permission !== "default";
}
if (part) {
  say();
  part.querySelector("[data-allow]").addEventListener("click", () => void Notification.requestPermission().then(say));
}
