// The page's manners: everything hangs on data-attributes, nothing on ids of a room.
import "./theme.js";
import "./toasts.js";
import "./palette.js";
import "./keyboard.js";
import "./charts.js";
import "./mentions.js";
import { announce } from "./toasts.js";

const on = (selector, type, act) =>
  document.addEventListener(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) act(element, event);
  });

on("[data-dialog]", "click", (button, event) => {
  event.preventDefault();
  document.querySelector(button.dataset.dialog)?.showModal();
});
on("[data-autosubmit]", "change", (field) => field.form.requestSubmit());
on("form:has([data-keeps])", "submit", (form) => form.querySelector("[data-keeps]").remove()); // nothing follows what is sent
on("[data-check-all]", "change", (box) => {
  for (const other of box.form.querySelectorAll(box.dataset.checkAll)) {
    other.checked = box.checked;
    other.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
on("[data-copy]", "click", async (button) => {
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).innerText.trim());
  announce(button.dataset.copied || "✓", true);
});
on("[data-drop]", "dragover", (zone, event) => {
  event.preventDefault();
  zone.classList.add("over");
});
on("[data-drop]", "dragleave", (zone) => zone.classList.remove("over"));
on("[data-drop]", "drop", (zone, event) => {
  event.preventDefault();
  zone.classList.remove("over");
  const input = zone.querySelector("input[type=file]");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
on("textarea", "input", (field) => {
  const count = field.form?.querySelector("[data-count-of]");
  if (count && count.dataset.countOf === field.id) count.textContent = String(field.value.length);
});

// Focus follows the news: to the first mistake, to what asks for it, or to the heading of what came in.
document.addEventListener("htmx:afterSettle", (event) => {
  const came = event.detail.elt;
  if (!(came instanceof Element) || came.closest("[data-quiet]")) return;
  const now = document.activeElement;
  if (came.contains(now) && now.matches("textarea, input, select")) return; // somebody writes in it already
  const wrong = came.querySelector("[aria-invalid=true]");
  const asked = came.matches("[data-focus]") ? came : came.querySelector("[data-focus]");
  const lost = document.activeElement === document.body || !document.activeElement;
  const next = wrong || asked || (lost && event.detail.requestConfig?.verb !== "get" ? came.querySelector("h1, h2, h3") || came : null);
  if (!next) return;
  if (next.tabIndex < 0 && !next.hasAttribute("tabindex")) next.setAttribute("tabindex", "-1");
  next.focus({ preventScroll: !wrong });
});

// What looks again by itself waits while somebody is in it: with the focus on a line, or a table unfolded.
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target.closest?.("[data-patient]");
  if (part !== event.target) return;
  const isRead = part.contains(document.activeElement) && part !== document.activeElement;
  if (document.hidden || isRead || part.querySelector("details[open], :popover-open")) event.preventDefault();
});

// A request that failed says so; nothing on the page pretends.
const say = (name) => announce(document.getElementById("announce")?.dataset[name] ?? "", true, "error");
document.addEventListener("htmx:sendError", () => say("lost"));
document.addEventListener("htmx:timeout", () => say("lost"));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  say({ 403: "refused", 429: "slow", 504: "late" }[status] ?? "lost");
});
