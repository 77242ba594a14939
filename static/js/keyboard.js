// Keys: Ctrl K finds, ? helps, j and k walk a [data-list], x ticks the marked line's [data-tick], any [data-key] is
// pressed by its letter. Where a list opens what it marks ([data-opens]), keys of what it opened ([data-of-marked]) act on the marked one and on nothing else: a
// key for one that is not there yet waits for it.
import { openPalette } from "./palette.js";

const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const visible = (element) => element.getClientRects().length > 0 && !element.disabled;
let waiting = ""; // a key whose conversation is on its way, and what was typed after it

function walk(step) {
  const list = document.querySelector("[data-list]");
  if (!list) return false;
  const opens = list.hasAttribute("data-opens");
  const items = [...list.querySelectorAll("[data-item]")].filter((item) => opens || visible(item));
  if (!items.length) return false;
  const focused = items.findIndex((item) => item.contains(document.activeElement));
  const here = focused >= 0 ? focused : items.findIndex((item) => item.matches("[aria-current]"));
  const next = items[Math.min(items.length - 1, Math.max(0, here + step))];
  const target = next.matches("a, button") ? next : next.querySelector("a, button") || next;
  target.focus();
  next.scrollIntoView({ block: "nearest" });
  if (opens && !next.matches("[aria-current]")) target.click();
  return true;
}

function tick() {
  const box = document.activeElement?.closest("[data-item]")?.querySelector("[data-tick]");
  box?.click();
  return Boolean(box);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  for (const box of event.target.closest("table").querySelectorAll("[data-tick]")) box.checked = event.target.checked;
});

function isElsewhere(key) {
  const marked = document.activeElement?.closest("[data-opens] [data-item]:not([aria-current])");
  const opened = document.querySelector("[data-of-marked]");
  if (!opened?.querySelector(`[data-key="${CSS.escape(key)}"]`)) return false;
  if (marked) marked.click();
  return Boolean(marked) || opened.inert;
}

function press(key) {
  if (isElsewhere(key)) return Boolean((waiting = key));
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
  if (!target) return false;
  if (typing(target)) {
    target.focus();
    target.form?.scrollIntoView({ block: "nearest" }); // with the line that says to whom, and who can read it
  } else target.click();
  if (target.matches("summary") && target.parentElement.open) target.parentElement.querySelector("textarea, input:not([type=hidden])")?.focus();
  return true;
}

document.addEventListener("htmx:afterSettle", () => {
  if (!waiting) return;
  setTimeout(() => {
    if (document.querySelector("[data-of-marked]")?.inert) return; // one that was on its way before
    const [key, ...typed] = waiting; // now, after the focus went to the news
    waiting = "";
    if (!key || !press(key) || !typed.length || !typing(document.activeElement)) return;
    document.activeElement.setRangeText(typed.join(""), document.activeElement.selectionEnd, document.activeElement.selectionEnd, "end");
    document.activeElement.dispatchEvent(new Event("input", { bubbles: true }));
  });
});
document.addEventListener("htmx:responseError", () => (waiting = ""));
document.addEventListener("htmx:sendError", () => (waiting = ""));

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
  const later = waiting && event.key.length === 1;
  if (later) waiting += event.key;
  const done =
    later ? true
    : event.key === "?" ? press("?") || document.querySelector("[data-help]")?.click() !== null
    : event.key === "j" ? walk(1)
    : event.key === "k" ? walk(-1)
    : event.key === "x" && tick() ? true
    : event.key === "/" ? press("/")
    : event.key.length === 1 && press(event.key.toLowerCase());
  if (done) event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) document.getElementById("keys").showModal();
  if (event.target.matches("dialog[open]:not(.palette)")) event.target.close();
});
