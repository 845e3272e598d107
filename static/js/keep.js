/* What a reader must not lose: typed words, the place in a list, open details.

   <form data-keep="review-12"> keeps its text fields in this tab until a page says data-kept="review-12" (posted).
   [data-scroll] keeps its scroll place when a live region around it is swapped; aria-current in a list is shown. */
const TEXT = "textarea[name], input[type=text][name], input:not([type])[name]";
const place = (form, field) => `kept:${form.dataset.keep}:${field.name}`;

function restore(form) {
  for (const field of [...form.elements].filter((one) => one.matches(TEXT))) {  // some stand outside the form
    const words = sessionStorage.getItem(place(form, field));
    if (words && (!field.value || field.value === field.defaultValue) && words !== field.value) {
      field.value = words;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}
function forget(name) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(`kept:${name}:`)) sessionStorage.removeItem(key);
}
function begin(root) {
  root.querySelectorAll("[data-kept]").forEach((node) => forget(node.dataset.kept));
  root.querySelectorAll("form[data-keep]").forEach(restore);
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.dataset.keep || !event.target.matches(TEXT)) return;
  if (event.target.value) sessionStorage.setItem(place(form, event.target), event.target.value);
  else sessionStorage.removeItem(place(form, event.target));
});

let places = new Map();
let opened = new Set();
document.body.addEventListener("htmx:beforeSwap", ({ target }) => {
  for (const node of document.querySelectorAll("[data-scroll][id]")) places.set(node.id, [node.scrollLeft, node.scrollTop]);
  opened = new Set([...target.querySelectorAll("details[open][id]")].map((node) => node.id));
});
document.body.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, [left, top]] of places) document.getElementById(id)?.scrollTo({ left, top, behavior: "instant" });
  places = new Map();
});

document.addEventListener("brought", ({ target }) => begin(target));
begin(document);
document.querySelector("[data-scroll] [aria-current]")?.scrollIntoView({ block: "nearest" });
