/* What a model writes, shown in the step's panel while it does, as plain text. What it came to replaces it. */
const texts = new Map();

function show(of) {
  const place = document.getElementById(`writing-${of}`);
  if (!place) return;
  const box = place.querySelector("pre");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  box.querySelector("code").textContent = texts.get(of);
  place.hidden = false;
  if (atEnd) box.scrollTop = box.scrollHeight;
}
document.body.addEventListener("writing", ({ detail: { of, text } }) => {
  texts.set(of, text);
  show(of);
});
/* The panel is brought anew whenever something moves in the run. */
document.body.addEventListener("htmx:afterSettle", () => {
  for (const of of texts.keys()) show(of);
});
