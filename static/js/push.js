/* Notifications in this browser: allowed and ended. Whoever calls this was clicked a moment ago. */

const JSON_AS_TEXT = { "Content-Type": "text/plain" }; // no preflight

export async function allow({ door, worker, wording, device, me }) {
  const answer = await fetch(door, { credentials: "omit" });
  if (!answer.ok) return "failed";
  const key = bytes((await answer.json()).publicKey);
  const place = await active(await navigator.serviceWorker.register(worker));
  let found = await place.pushManager.getSubscription();
  if (found && !same(new Uint8Array(found.options.applicationServerKey || []), key)) {
    await found.unsubscribe();
    found = null;
  }
  found ||= await place.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const said = { act: "on", subscription: found.toJSON(), wording, anonymousId: device, me, page: location.href };
  if (await tell(door, said)) return "on";
  await found.unsubscribe(); // nobody would send to it
  return "failed";
}

export async function end({ door, worker }) {
  const place = await navigator.serviceWorker.getRegistration(worker);
  const found = place && (await place.pushManager.getSubscription());
  if (!found) return "off";
  await tell(door, { act: "off", subscription: found.toJSON(), page: location.href });
  await found.unsubscribe();
  return "off";
}

export async function isOn({ worker }) {
  const place = await navigator.serviceWorker.getRegistration(worker);
  return Boolean(place && (await place.pushManager.getSubscription()));
}

async function tell(door, said) {
  const body = JSON.stringify(said);
  const answer = await fetch(door, { method: "POST", body, credentials: "omit", headers: JSON_AS_TEXT });
  return answer.ok;
}

function active(place) {
  const waiting = place.installing || place.waiting;
  if (place.active || !waiting) return place;
  return new Promise((done) => {
    waiting.addEventListener("statechange", () => waiting.state === "activated" && done(place));
  });
}

function bytes(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
