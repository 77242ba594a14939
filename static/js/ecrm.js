/* The visitor's side of the timeline: page, identify, track. No cookie, nothing kept before consent where asked. */
(function (w, d) {
  "use strict";
  var tag = d.currentScript, api = new URL("/v1/batch", tag.src).href, key = tag.dataset.key;
  var asks = tag.dataset.consent === "required", store = w.localStorage, queue = [], timer = 0;
  var gpc = w.navigator.globalPrivacyControl === true;
  function uid() {
    return w.crypto && w.crypto.randomUUID ? w.crypto.randomUUID()
      : "x" + Date.now().toString(36) + Math.random().toString(36).slice(2, 12);
  }
  function get(name) { try { return store.getItem("ecrm." + name); } catch (e) { return null; } }
  function put(name, value) {
    try { value === null ? store.removeItem("ecrm." + name) : store.setItem("ecrm." + name, value); } catch (e) { /* private mode */ }
  }
  function allowed() { return !gpc && (!asks || get("consent") === "yes"); }
  var passing = uid(); /* while not allowed: an id for this page only, which the server forgets */
  function anonymous() {
    if (!allowed()) return passing;
    var id = get("id");
    if (!id) put("id", id = passing);
    return id;
  }
  function push(item) {
    item.messageId = uid();
    item.timestamp = new Date().toISOString();
    item.anonymousId = anonymous();
    var user = allowed() && get("user");
    if (user && !item.userId) item.userId = user;
    item.context = { page: { url: location.href.slice(0, 500), title: d.title.slice(0, 200), referrer: d.referrer.slice(0, 500) },
      locale: w.navigator.language, campaign: utm() };
    queue.push(item);
    if (queue.length > 19) flush();
    else if (!timer) timer = setTimeout(flush, 1500);
  }
  function utm() {
    var found = {}, query = new URLSearchParams(location.search);
    query.forEach(function (value, name) {
      if (/^(utm_\w+|gclid|[gw]braid|fbclid|msclkid|ttclid|twclid|li_fat_id)$/.test(name)) found[name.replace("utm_", "")] = value.slice(0, 200);
    });
    return Object.keys(found).length ? found : undefined;
  }
  function flush() {
    clearTimeout(timer); timer = 0;
    if (!queue.length) return;
    var batch = queue.splice(0, 20);
    function again() { /* the server is busy or away: nothing is lost, and nothing counts twice by its messageId */
      queue = batch.concat(queue).slice(0, 200);
      timer = timer || setTimeout(flush, 10000);
    }
    var body = JSON.stringify({ writeKey: key, sentAt: new Date().toISOString(), batch: batch,
      context: { consent: allowed() ? "given" : "denied" } });
    if (d.visibilityState === "hidden" && w.navigator.sendBeacon && w.navigator.sendBeacon(api, body)) return;
    w.fetch(api, { method: "POST", body: body, keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" } })
      .then(function (r) { if (r.status === 429 || r.status >= 500) again(); })
      .catch(again);
  }
  var api_ = {
    page: function (name, properties) { push({ type: "page", name: name, properties: properties || {} }); },
    track: function (event, properties) { push({ type: "track", event: event, properties: properties || {} }); },
    identify: function (user, traits) {
      if (allowed() && user) put("user", String(user));
      push({ type: "identify", userId: user ? String(user) : undefined, traits: traits || {} });
    },
    consent: function (yes) { put("consent", yes ? "yes" : "no"); if (!yes) { put("id", null); put("user", null); } },
    reset: function () { put("id", null); put("user", null); passing = uid(); },
    /* Only ever from a click of the visitor: a browser asks once, and a no is for good. */
    push: function (wording) {
      if (!w.Notification || !w.PushManager || !w.navigator.serviceWorker) return Promise.resolve("unsupported");
      return w.Notification.requestPermission().then(function (said) {
        return said === "granted" ? notify("allow", { wording: wording, device: allowed() ? anonymous() : "" }) : said;
      });
    },
    pushOff: function () { return notify("end", {}); },
    flush: flush
  };
  function notify(act, given) {
    given.door = new URL("/v1/push/" + key + "/", tag.src).href;
    given.worker = tag.dataset.pushWorker || "/ecrm-push.js";
    return import(new URL("/t/push.js", tag.src).href).then(function (push) { return push[act](given); });
  }
  d.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-ecrm-push]");
    if (!button) return;
    var asked = button.dataset.ecrmPush === "off" ? api_.pushOff() : api_.push(button.textContent.trim());
    asked.catch(function () { return "failed"; }).then(function (said) { button.dataset.ecrmPushSaid = said; });
  });
  var waiting = w.ecrm && w.ecrm.q || [];
  w.ecrm = api_;
  waiting.forEach(function (call) { api_[call[0]].apply(null, call.slice(1)); });
  d.addEventListener("visibilitychange", function () { if (d.visibilityState === "hidden") flush(); });
  if (tag.dataset.page !== "off") api_.page();
})(window, document);
