/* What runs in the browser when a notification comes. `self.ecrm.door`: where a browser that changes tells us so. */

self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data ? event.data.json() : {}; } catch { said = { title: event.data.text() }; }
  const shown = { body: said.text || "", data: { link: said.link || "" } };
  if (said.picture) shown.image = said.picture;
  if (said.tag) shown.tag = said.tag;
  if (said.tag && said.again) shown.renotify = true;
  event.waitUntil(self.registration.showNotification(said.title || self.location.host, shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = event.notification.data && event.notification.data.link;
  if (link && /^https?:/.test(link)) event.waitUntil(self.clients.openWindow(link));
});

self.addEventListener("pushsubscriptionchange", (event) => {
  const before = event.oldSubscription;
  if (!before || !self.ecrm) return;
  const asked = event.newSubscription
    ? Promise.resolve(event.newSubscription)
    : self.registration.pushManager.subscribe(before.options).catch(() => null);
  event.waitUntil(asked.then((now) => fetch(self.ecrm.door, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "text/plain" },
    body: JSON.stringify({ act: "changed", old: before.toJSON(), subscription: now && now.toJSON() }),
  })));
});
