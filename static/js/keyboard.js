// Keys: Ctrl K finds, ? helps, j and k walk a [data-list], any [data-key] is pressed by its letter.
import { openPalette } from "./palette.js";

const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const visible = (element) => element.getClientRects().length > 0 && !element.disabled;

function walk(step) {
  const list = document.querySelector("[data-list]");
  if (!list) return false;
  const items = [...list.querySelectorAll("[data-item]")].filter(visible);
  if (!items.length) return false;
  const here = items.findIndex((item) => item.contains(document.activeElement) || item.matches("[aria-current]:not(:has(~ :focus))"));
  const next = items[Math.min(items.length - 1, Math.max(0, here + step))];
  const target = next.matches("a, button") ? next : next.querySelector("a, button") || next;
  target.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(key) {
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
  if (!target) return false;
  if (typing(target)) target.focus();
  else target.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return openPalette();
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest("form");
    if (event.target.matches("textarea") && form) form.requestSubmit(form.querySelector("[data-send], button.primary, [type=submit]"));
    return;
  }
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const done =
    event.key === "?" ? press("?") || document.querySelector("[data-help]")?.click() !== null
    : event.key === "j" ? walk(1)
    : event.key === "k" ? walk(-1)
    : event.key === "/" ? press("/")
    : event.key.length === 1 && press(event.key.toLowerCase());
  if (done) event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) document.getElementById("keys").showModal();
  if (event.target.matches("dialog[open]:not(.palette)")) event.target.close();
});
