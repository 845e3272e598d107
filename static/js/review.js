/* Rejecting and sending back need a reason: without one, the words are asked for here and not after a round trip. The server asks again. */
const reason = () => document.getElementById("reason");
const problem = () => document.getElementById("reason-problem");

function say(missing) {
  problem().hidden = !missing;
  reason().toggleAttribute("aria-invalid", missing);
  if (missing) reason().setAttribute("aria-describedby", "reason-problem");
  else reason().removeAttribute("aria-describedby");
}

document.addEventListener("submit", (event) => {
  if (!event.submitter?.matches("[data-needs-reason]") || !problem() || reason().value.trim()) return;
  event.preventDefault();
  say(true);
  reason().focus();
});
document.addEventListener("input", (event) => {
  if (event.target === reason() && problem() && !problem().hidden && reason().value.trim()) say(false);
});
