/* What the reader's browser says about itself: its time zone (a cookie the server reads) and the chosen theme. */
const YEAR = 60 * 60 * 24 * 365;
const keep = (name, value) => {
  document.cookie = `${name}=${value};path=/;max-age=${value ? YEAR : 0};samesite=lax`;
};

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`zone=${zone}`)) keep("zone", zone);

function choose(theme) {
  keep("theme", theme);
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll("[data-themes] button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-themes]") || !event.submitter) return;
  event.preventDefault();
  choose(event.submitter.value);
  fetch(event.target.action, { // for the account, wherever one signs in next
    method: "POST", body: new FormData(event.target, event.submitter), redirect: "manual", keepalive: true,
  }).catch(() => {}); // this browser has it anyway
});
