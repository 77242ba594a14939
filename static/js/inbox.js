// The inbox: one conversation is marked, and it is the one that keys act on. What is marked but still on its way makes
// the old one inert, and so does an act until it is answered; a key pressed meanwhile waits for the new one
// (keyboard.js), and what the live poll brings is left alone: it would take away the form that the answer belongs to.
const WRITING_FOR = 60_000; // an answer that nobody touched for a minute is not being written
let touched = 0;
let acting = false;
let next = ""; // what was chosen while an act was on its way
let wanted = ""; // the conversation that was asked for last: one that comes before it stays inert

const conversation = () => document.getElementById("conv");
const text = () => document.getElementById("reply-text");
const mark = (item) => {
  const open = item ?? document.getElementById(`item-${document.querySelector("#conv[data-open]")?.dataset.pk}`);
  if (!open) return;
  for (const other of document.querySelectorAll("#list .item[aria-current]")) other.removeAttribute("aria-current");
  open.setAttribute("aria-current", "true");
};
const newest = () => {
  const thread = document.getElementById("msgs");
  if (thread) thread.scrollTop = thread.scrollHeight;
};

// What was said earlier comes in above what is being read, which stays where it is on the screen.
let tall = 0;
document.addEventListener("htmx:beforeSwap", (event) => {
  tall = event.detail.target?.matches(".thread-more") ? document.getElementById("msgs").scrollHeight : 0;
});
document.addEventListener("htmx:afterSettle", () => {
  const thread = document.getElementById("msgs");
  if (tall && thread) thread.scrollTop += thread.scrollHeight - tall;
  tall = 0;
});

const settle = () => {
  const thread = conversation();
  if (!thread) return;
  thread.inert = Boolean(wanted) && thread.dataset.pk !== wanted;
  if (!thread.inert) mark();
};

document.addEventListener("htmx:afterSettle", settle);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "conv" || conversation() === event.detail.elt) newest();
});
const choose = (event) => {
  const item = event.target.closest("#list .item");
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const pk = item.id.replace("item-", "");
  if (acting) {
    event.preventDefault(); // its answer brings a new list, and this line is none of it
    event.stopPropagation();
    mark(item);
    next = pk;
    return;
  }
  const isComing = conversation().inert && wanted === pk;
  const isOpen = !conversation().inert && conversation().matches("[data-open]") && conversation().dataset.pk === pk;
  if (isComing || isOpen) {
    event.preventDefault(); // a second load would take away what is being typed
    event.stopPropagation();
    if (isOpen) conversation().querySelector(".conversation-title").focus();
    return;
  }
  wanted = pk;
  mark(item);
  conversation().inert = true;
};

document.addEventListener("click", choose, { capture: true });
for (const other of ["htmx:responseError", "htmx:sendError", "htmx:timeout", "htmx:historyRestore"]) {
  document.addEventListener(other, () => {
    wanted = "";
    settle();
  });
}

document.addEventListener("input", (event) => {
  if (event.target !== text()) return;
  const began = Date.now() - touched > WRITING_FOR;
  touched = Date.now();
  if (began) document.body.dispatchEvent(new Event("writing"));
});
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.closest?.("[data-live]")) return;
  const open = conversation()?.dataset.pk;
  if (!open) return;
  const said = event.detail.parameters;
  const seen = document.querySelector("#conv [name=seen]");
  said.open = open;
  said.since = document.getElementById("thread-now")?.dataset.since ?? "";
  if (seen) [said.seen, said.mention] = [seen.value, seen.dataset.mention];
  if (conversation().getClientRects().length) said.here = "1";
  if (text()?.value && Date.now() - touched < WRITING_FOR) said.writes = "1";
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches?.("#reply-text, [data-keeps-words]")) return; // a draft that is kept while it is written
  const acts = event.detail.requestConfig.verb !== "get" && event.target.closest?.("#conv, #card");
  if (acts) acting = conversation().inert = true;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!acting || event.detail.requestConfig.verb === "get") return;
  acting = false;
  document.getElementById(`item-${next}`)?.click();
  next = "";
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const isLive = event.detail.requestConfig.elt.matches("[data-live]");
  if (isLive && conversation()?.inert) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "reply-files") conversation().inert = false; // the focus goes to what came in
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.closest?.("[data-live]")) return;
  const busy = document.querySelector("[name=pick]") || document.querySelector(":popover-open") || document.querySelector(".phone-bar [open], .keep-view[open]") || document.getElementById("lq")?.matches(":focus");
  const readsOn = document.querySelectorAll("#list .item").length > 40;
  if (busy || readsOn || document.hidden || conversation()?.inert) event.preventDefault();
});
newest();
document.addEventListener("click", (event) => {
  const reach = event.target.closest("[data-privately]")?.closest("form")?.querySelector(".reach");
  if (!reach) return;
  event.preventDefault(); // what is written stays
  reach.value = "direct";
  reach.form.querySelector("textarea").focus();
});
