// The inbox: the open conversation stays marked in the list; the live poll waits while somebody picks or reads on.
const mark = () => {
  const open = document.querySelector("#conv[data-open]")?.dataset.pk;
  if (!open) return;
  for (const item of document.querySelectorAll("#list .item")) {
    if (item.id === `item-${open}`) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
  }
  const live = document.getElementById("live");
  if (live) live.dataset.open = open;
};
const newest = () => {
  const thread = document.getElementById("msgs");
  if (thread) thread.scrollTop = thread.scrollHeight;
};

document.addEventListener("htmx:afterSettle", mark);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "conv" || document.getElementById("conv") === event.detail.elt) newest();
});
document.addEventListener("htmx:configRequest", (event) => {
  const live = event.target.closest?.("[data-live]");
  if (!live) return;
  const open = document.querySelector("#conv")?.dataset.pk;
  event.detail.path = event.detail.path.replace(/&open=\d+/, "") + (open ? `&open=${open}` : "");
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.closest?.("[data-live]")) return;
  const busy = document.querySelector("[name=pick]") || document.querySelector(":popover-open") || document.getElementById("lq")?.matches(":focus");
  const readsOn = document.querySelectorAll("#list .item").length > 40;
  if (busy || readsOn || document.hidden) event.preventDefault();
});
newest();
