// Toasts in a live region. The server asks for one with HX-Trigger: {"toast": {"text": …, "undo": url}}.
const STAY = 6000;
const STAY_WITH_UNDO = 15000;

export function csrf() {
  const headers = document.body.getAttribute("hx-headers");
  return (headers && JSON.parse(headers)["X-CSRFToken"]) || "";
}

function retire(toast, after) {
  let timer = setTimeout(() => toast.remove(), after);
  const hold = () => clearTimeout(timer);
  const release = () => (timer = setTimeout(() => toast.remove(), after));
  toast.addEventListener("mouseenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("mouseleave", release);
  toast.addEventListener("focusout", release);
}

async function takeBack(url) {
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
  if (!answer.ok) return announce(document.getElementById("announce").dataset.lost, true, "error");
  const fresh = new CustomEvent("undone", { cancelable: true });
  if (document.body.dispatchEvent(fresh)) location.reload();
}

export function announce(text, visible = false, kind = "", undo = "") {
  const quiet = document.getElementById("announce");
  if (!visible) {
    if (quiet) quiet.textContent = text;
    return;
  }
  const template = document.getElementById("toast-template");
  const place = document.getElementById("toasts");
  if (!template || !place || !text) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.firstElementChild.textContent = text;
  if (kind) toast.classList.add(kind);
  const button = toast.querySelector("[data-undo]");
  if (undo) button.addEventListener("click", () => (toast.remove(), takeBack(undo)));
  else button.remove();
  place.append(toast);
  if (kind !== "error") retire(toast, undo ? STAY_WITH_UNDO : STAY);
}

document.addEventListener("toast", (event) => {
  const { text, undo, kind } = event.detail;
  announce(text, true, kind || "", undo || "");
});
document.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest("[data-toast]")?.remove());
for (const toast of document.querySelectorAll("[data-toast]:not(.error)")) retire(toast, STAY);
