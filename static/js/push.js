/* Notifications in this browser: allowed and ended. Whoever calls this was clicked a moment ago. */

const JSON_AS_TEXT = { "Content-Type": "text/plain" }; // no preflight

export async function allow(given) {
  const { worker, wording, device, me } = given;
  const key = await keyOf(given);
  if (!key) return "failed";
  const place = await active(await navigator.serviceWorker.register(worker));
  let found = await place.pushManager.getSubscription();
  if (found && !same(new Uint8Array(found.options.applicationServerKey || []), key)) {
    await found.unsubscribe();
    found = null;
  }
  found ||= await place.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const said = { act: "on", subscription: found.toJSON(), wording, anonymousId: device, me, page: location.href };
  if ((await tell(given, said)).ok) return "on";
  await found.unsubscribe(); // nobody would send to it
  return "failed";
}

export async function end(given) {
  const found = await subscriptionOf(given);
  if (!found) return "off";
  await tell(given, { act: "off", subscription: found.toJSON(), page: location.href });
  await found.unsubscribe();
  return "off";
}

export async function isOn(given) {
  return Boolean(await subscriptionOf(given));
}

export async function subscriptionOf({ worker }) {
  const place = await navigator.serviceWorker.getRegistration(worker);
  return place && place.pushManager.getSubscription();
}

async function keyOf(given) {
  const answer = await (given.token ? tell(given, { act: "key" }) : fetch(given.door, { credentials: "omit" }));
  return answer.ok ? bytes((await answer.json()).publicKey) : null;
}

/* With a token: on a page of ours, by whoever is signed in there. */
function tell({ door, token }, said) {
  const given = token
    ? { headers: { "Content-Type": "application/json", "X-CSRFToken": token }, redirect: "error" }
    : { headers: JSON_AS_TEXT, credentials: "omit" };
  return fetch(door, { method: "POST", body: JSON.stringify(said), ...given });
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
