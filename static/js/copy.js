/* What is copied: a file, instead of being downloaded, or a value that stands on the page. It says so. Without this a
   link downloads, and a value is selected by hand. */
const SHOWN = 2000;

for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = !navigator.clipboard;

async function wanted(node) {
  if (node.dataset.of) {
    const of = document.getElementById(node.dataset.of);
    return of.value ?? of.textContent;
  }
  const answer = await fetch(node.href);
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.text();
}

document.addEventListener("click", async (event) => {
  const node = event.target.closest?.("[data-copy]");
  if (!node || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const words = node.querySelector("span");
  const was = words.textContent;
  try {
    await navigator.clipboard.writeText(await wanted(node));
    words.textContent = node.dataset.copy;
    words.setAttribute("role", "status");
    setTimeout(() => (words.textContent = was), SHOWN);
  } catch {
    if (node.href) location.assign(node.href);
    else getSelection().selectAllChildren(document.getElementById(node.dataset.of));
  }
});
