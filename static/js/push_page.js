/* The page of our own on which a browser allows notifications: a click asks, nothing else does. */
import { allow, end, isOn } from "./push.js";

const here = document.getElementById("push");
const given = { door: here.dataset.door, worker: here.dataset.worker, me: here.dataset.me };
const can = "Notification" in window && "PushManager" in window && "serviceWorker" in navigator;

function show(state) {
  for (const part of here.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(state);
}

async function say(asked) {
  try { show(await asked()); } catch { show("failed"); }
}

here.querySelector("[data-do=allow]").addEventListener("click", (event) => say(async () => {
  const said = await Notification.requestPermission();
  return said === "granted" ? allow({ ...given, wording: event.target.textContent.trim() }) : "denied";
}));
here.querySelector("[data-do=end]").addEventListener("click", () => say(() => end(given)));

if (!can) show("unsupported");
else say(async () => ((await isOn(given)) ? "on" : Notification.permission === "denied" ? "denied" : "off"));
