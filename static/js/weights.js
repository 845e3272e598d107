/* Three weights: what stands beside a slider follows it, and the form is sent when one was moved. Without this, a button sends it. */
document.addEventListener("input", ({ target }) => {
  if (target.type !== "range" || !target.form?.hasAttribute("data-weights")) return;
  const label = target.closest("label");
  label.querySelector("output").textContent = target.value;
  label.querySelector(".f").setAttribute("width", `${target.value}%`);
});
document.addEventListener("change", ({ target }) => {
  if (target.type === "range" && target.form?.dataset.weights === "") target.form.requestSubmit();
});
