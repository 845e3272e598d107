/* Passkeys: the button is there where the browser knows them, and what went wrong is said in words. */
if (window.PublicKeyCredential) {
  for (const button of document.querySelectorAll("[data-passkey]")) button.hidden = false;
}
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const told of document.querySelectorAll("[data-passkey-problem]")) told.hidden = false;
});
