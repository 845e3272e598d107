/* A link to a file is copied instead of downloaded, and says so. Without this, or where nothing can be copied, it downloads. */
const SHOWN = 2000;

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-copy]");
  if (!link || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const words = link.querySelector("span");
  const was = words.textContent;
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.statusText);
    await navigator.clipboard.writeText(await answer.text());
    words.textContent = link.dataset.copy;
    words.setAttribute("role", "status");
    setTimeout(() => (words.textContent = was), SHOWN);
  } catch {
    location.assign(link.href);
  }
});
