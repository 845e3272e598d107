/* The undo that ends, and notices that can be put away. The server holds the truth: when the time is over here,
   the toast only hides; a late undo is refused there. */
const TICK = 250;

function start(toast) {
  if (toast.dataset.running) return;
  toast.dataset.running = "yes";
  const end = performance.now() + Number(toast.dataset.seconds) * 1000;
  const whole = (Number(toast.dataset.of) || Number(toast.dataset.seconds) || 1) * 1000;
  const ring = toast.querySelector(".ring .v");
  const text = toast.querySelector(".said span");
  const tick = () => {
    const left = end - performance.now();
    if (left <= 0 || !toast.isConnected) return finish(toast, timer);
    ring?.setAttribute("stroke-dasharray", `${(100 * left) / whole} 100`);
    if (text && toast.dataset.text) text.textContent = toast.dataset.text.replace("{n}", Math.ceil(left / 1000));
  };
  const timer = setInterval(tick, TICK);
  tick();
}
function finish(toast, timer) {
  clearInterval(timer);
  if (!toast.isConnected) return;
  if (toast.contains(document.activeElement)) document.getElementById("main")?.focus();
  toast.remove();
}

function begin() {
  document.querySelectorAll("[data-toast]").forEach(start);
  document.querySelectorAll("[data-notice] [data-dismiss]").forEach((button) => (button.hidden = false));
}

document.addEventListener("click", (event) => {
  const notice = event.target.closest?.("[data-dismiss]")?.closest("[data-notice]");
  if (!notice) return;
  const around = notice.parentElement;
  notice.remove();
  if (!around.querySelector("[data-notice]")) around.remove();
});
document.body.addEventListener("htmx:afterSettle", begin);
begin();
