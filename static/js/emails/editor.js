// An email of blocks: its outline walks by keys, each step is kept at once, the email follows what is typed.
// The server holds the truth; what stands here is what can be undone, and where the eye is.
import { mark, refresh, watchCanvas } from "./canvas.js";
import { hasClash, learn, noteSeen, watchClashes, withSeen } from "./clashes.js";
import { watchCompany } from "./company.js";
import { noteSent, watchWords } from "./following.js";
import { awakenPictures } from "./pictures.js";
import { awaken as awakenWords } from "./rich_text.js";

const awaken = (root) => {
  awakenWords(root);
  awakenPictures(root);
};

const PHONE = matchMedia("(max-width: 860px)");
const outline = () => document.getElementById("outline");
const block = () => document.getElementById("block");
const chosen = () => block()?.dataset.of ?? "";
const line = (id) => outline().querySelector(`[data-block="${CSS.escape(id)}"]`);
const typing = (element) => element.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

// Steps go one after another, from an element that stays: an answer replaces the forms around it.
let tail = Promise.resolve();
const send = (facts) => {
  const values = { ...withSeen(facts), version: document.getElementById("version").value };
  noteSent();
  const sent = htmx.ajax("POST", location.pathname, { source: "#canvas", target: "#outline", swap: "outerHTML", values });
  return sent.then(() => learn(facts));
};
const queue = (facts) => (tail = tail.then(() => send(facts)).catch(() => {}));
const step = (facts) => {
  flush();
  return queue({ chosen: chosen(), ...facts });
};

// What is typed is kept as soon as the fingers rest; what was not kept when the page goes, goes along.
const typed = new Map(); // form → its timer
const REST = 60;
const AGAIN = 3_000;
const waiting = new Set(); // forms whose turn has not come: what is in them then is what is sent
const keep = (form) => {
  clearTimeout(typed.get(form));
  typed.delete(form);
  if (waiting.has(form)) return;
  waiting.add(form);
  tail = tail.then(() => waiting.delete(form) && send(Object.fromEntries(new FormData(form)))).catch(() => {});
};
const forget = (form) => {
  clearTimeout(typed.get(form));
  typed.delete(form);
  waiting.delete(form);
};
const flush = () => [...typed.keys()].forEach(keep);
const later = (form, rest = REST) => {
  clearTimeout(typed.get(form));
  typed.set(form, setTimeout(() => keep(form), rest));
};
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-autosave]");
  if (form && !event.target.matches("[data-rich-link]")) later(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-step]");
  if (!form) return;
  event.preventDefault();
  step(Object.fromEntries(new FormData(form, event.submitter)));
});
document.addEventListener("htmx:sendError", (event) => {
  const form = event.detail.elt.id === "canvas" && document.querySelector(".block-form");
  if (form) later(form, AGAIN);
});
addEventListener("pagehide", () => {
  for (const form of new Set([...typed.keys(), ...waiting])) {
    const facts = new FormData();
    const values = withSeen(Object.fromEntries(new FormData(form)), true);
    for (const [name, value] of Object.entries(values)) facts.set(name, value);
    navigator.sendBeacon(location.pathname, facts);
  }
});

// Undo: each step as the list of blocks before and after it, so that what others wrote since stays theirs. A new change
// forgets what could be done again.
const past = [];
const future = [];
let walksTo = null;
const all = () => document.getElementById("all-blocks")?.value ?? "";
const note = () => {
  const place = document.getElementById("blocks-before");
  if (place) {
    (walksTo ?? past).push({ before: place.value, after: all() });
    if (!walksTo) future.length = 0;
    place.remove(); // it is told of each part of an answer
  }
  tellUndo();
};
const tellUndo = () => {
  document.querySelector("[data-undo]").disabled = !past.length;
  document.querySelector("[data-redo]").disabled = !future.length;
};
const walk = (from, to) => {
  if (!from.length) return;
  flush();
  tail = tail.then(() => {
    const { before, after } = from.pop() ?? {};
    if (before === undefined) return;
    walksTo = to;
    return send({ do: "replace", blocks: before, from: after, chosen: chosen() });
  }).catch(() => {}).then(() => (walksTo = null));
};
const undo = () => walk(past, future);
const redo = () => walk(future, past);

// A phone shows one part at a time.
const show = (part) => {
  document.body.dataset.part = part;
  if (PHONE.matches) scrollTo(0, 0);
};

// Another block opens when the words of this one are kept; when somebody else wrote the same, it stays to be chosen.
// What keeping them answers brings another outline, so its line is looked for then.
let isKept = false;
document.addEventListener("htmx:confirm", (event) => {
  if (isKept || !event.target.matches(".outline-block")) return;
  event.preventDefault();
  const id = event.target.closest("[data-block]").dataset.block;
  const isTold = hasClash();
  flush();
  tail.then(() => {
    if (!isTold && hasClash()) return;
    isKept = true;
    line(id)?.querySelector(".outline-block").click();
    isKept = false;
  });
});
const choose = (id, focus = true) => {
  const link = line(id)?.querySelector("a");
  if (!link) return;
  if (focus) link.focus();
  link.click();
};
const neighbour = (by) => {
  const lines = [...outline().querySelectorAll("[data-block]")];
  const at = lines.findIndex((one) => one.dataset.block === (document.activeElement.closest("[data-block]")?.dataset.block ?? chosen()));
  return lines[Math.min(lines.length - 1, Math.max(0, at + by))]?.dataset.block;
};

function onOutline(event) {
  const id = event.target.closest("[data-block]")?.dataset.block;
  if (!id) return false;
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (by && event.altKey) step({ do: `move:${id}:${by < 0 ? "up" : "down"}`, chosen: id });
  else if (by) choose(neighbour(by));
  else if (event.key === "Delete" || event.key === "Backspace") step({ do: `remove:${id}` });
  else if (event.key === "Enter") write(id);
  else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "d") step({ do: `copy:${id}` });
  else return false;
  return true;
}
let toWrite = ""; // in this block, as soon as it is there, whatever else is answered before
const write = (id) => {
  toWrite = id === chosen() ? "" : id;
  if (toWrite) return choose(id);
  show("block");
  block().querySelector("[contenteditable], .words input:not([type=hidden]), .words textarea, .look input")?.focus();
};

document.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && event.target.id === "who") {
    event.preventDefault(); // else the first button of its form would be pressed
    return step({ do: `who:${chosen()}`, who: event.target.value });
  }
  if (command && event.key.toLowerCase() === "z" && !typing(event.target)) {
    event.preventDefault();
    return event.shiftKey ? redo() : undo();
  }
  if (event.key === "Escape" && block()?.contains(event.target)) return line(chosen())?.querySelector("a").focus();
  if (onOutline(event)) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const part = event.target.closest(".only-phone[href^='#']");
  if (part) {
    event.preventDefault();
    show(part.hash.slice(1));
  }
  if (event.target.closest(".outline-block")) show("block");
  if (event.target.closest("[data-undo]")) undo();
  if (event.target.closest("[data-redo]")) redo();
  const leaf = event.target.closest("[data-leaf]");
  if (leaf) {
    event.preventDefault();
    step({ do: `who:${chosen()}`, leaf: leaf.value });
  }
});

// The clipboard: a block as text that any email of ours takes.
document.addEventListener("copy", (event) => {
  const from = document.activeElement.closest("[data-block]");
  if (!from || !getSelection().isCollapsed) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", from.dataset.copied);
});
document.addEventListener("paste", (event) => {
  if (typing(event.target)) return;
  const text = event.clipboardData.getData("text/plain");
  if (!text.includes('"email-blocks"')) return;
  event.preventDefault();
  step({ do: `paste:${chosen()}`, text });
});

// A block is dragged to its place in the outline.
let dragged = "";
document.addEventListener("dragstart", (event) => (dragged = event.target.closest?.("[data-block]")?.dataset.block ?? ""));
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-block]");
  if (!dragged || !over) return;
  event.preventDefault();
  for (const other of outline().querySelectorAll(".over")) other.classList.remove("over");
  over.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const over = event.target.closest?.("[data-block]");
  if (!dragged || !over || over.dataset.block === dragged) return;
  event.preventDefault();
  const places = [...outline().querySelectorAll("[data-block]")].map((one) => one.dataset.block);
  step({ do: `move:${dragged}:${places.indexOf(over.dataset.block)}`, chosen: dragged });
  dragged = "";
});

// After each answer: the outline marks what is chosen, the email is drawn anew when its blocks are others.
document.addEventListener("htmx:afterSettle", (event) => {
  const id = chosen();
  for (const other of outline().querySelectorAll("a[aria-current]")) other.removeAttribute("aria-current");
  line(id)?.querySelector("a").setAttribute("aria-current", "true");
  const field = document.getElementById("chosen");
  if (field) field.value = id;
  awaken(block());
  noteSeen();
  mark(id);
  if (toWrite && toWrite === id) write(id);
  if (event.detail.elt.id === "outline" || event.detail.target?.id === "outline") {
    note();
    refresh();
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "outline") document.getElementById("kinds")?.hidePopover?.();
});

for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
awaken(block());
watchWords();
watchCanvas((id) => choose(id, false));
watchCompany();
// Theirs is read anew; mine can be had again by undoing.
watchClashes((of, mine) => {
  forget(document.getElementById(of === "words" ? "words-form" : "block-form"));
  if (of === "words") return;
  past.push({ before: mine, after: all() });
  tellUndo();
  htmx.ajax("GET", `?block=${of}`, { target: "#block", swap: "outerHTML" });
});
show(location.hash === "#block" ? "block" : "outline");
mark(chosen());
