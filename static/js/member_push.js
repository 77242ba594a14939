/* Where members say how they are told: this browser shows notifications, or does not. A click asks, nothing else does. */
import { allow, subscriptionOf } from "./push.js";

const here = document.getElementById("push");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const given = { door: here.dataset.door, worker: here.dataset.worker, token };
const can = "Notification" in window && "PushManager" in window && "serviceWorker" in navigator;

function show(state) {
  for (const part of here.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(state);
}

async function say(asked) {
  try { show(await asked()); } catch { show("failed"); }
}

async function digestOf({ endpoint }) {
  const raw = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* The row of this very browser, where its member has allowed it. */
async function ownRow() {
  const found = await subscriptionOf(given);
  return found && document.querySelector(`[data-digest="${await digestOf(found)}"]`);
}

async function look() {
  const said = Notification.permission, row = await ownRow();
  if (!row) return said === "denied" ? "denied" : "off";
  row.querySelector("[data-here]").hidden = false;
  row.querySelector("[data-end]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    try { await (await subscriptionOf(given)).unsubscribe(); } finally { form.submit(); }
  });
  return { granted: "on", denied: "denied" }[said] || "off";
}

here.querySelector("[data-do=allow]").addEventListener("click", () => say(async () => {
  show("asking");
  const said = await Notification.requestPermission();
  if (said !== "granted") return said === "denied" ? "denied" : "off";
  const state = await allow(given);
  if (state === "on") location.reload();
  return state;
}));

if (!can) show("unsupported");
else say(look);
