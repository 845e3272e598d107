/* Whoever holds an item holds it for longer while its page is open and seen. Without this a button does it. */
const EVERY = 120000;

async function renew() {
  const form = document.querySelector("form[data-holds]");
  if (!form || document.hidden) return;
  await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Renews": "1" } }).catch(() => {});
}

setInterval(renew, EVERY);
