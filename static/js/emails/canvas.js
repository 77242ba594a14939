// The email in its frame: drawn anew without a flicker, as high as it is, with each block marked so that it can be chosen.
// Nothing runs inside the frame; comments in it say where each block begins and ends.
const sheet = () => document.querySelector("[data-sheet]");
const frame = () => sheet().querySelector("iframe:not(.next)");
const marks = () => document.querySelector("[data-marks]");
const trouble = () => document.querySelector("[data-trouble]");
let view = "desktop";
let chosen = "";
let asked = 0;
let looking = 0; // how it holds is looked at when nothing more is typed
const REST = 1_000;
let onChoose = () => {};
// What is drawn when: what `noted` gives as the email is asked for is told to `then` when it stands there.
let drawing = { noted: () => null, then: () => {} };
export const whenDrawn = (noted, then) => (drawing = { noted, then });

const address = () => {
  const url = new URL(document.getElementById("canvas").dataset.preview, location.href);
  const whom = document.querySelector("[data-as]");
  if (whom) url.searchParams.set("as", whom.value);
  if (view === "dark" || view === "text") url.searchParams.set(view, "1");
  return url;
};

const load = (into, url) =>
  new Promise((resolve) => {
    into.addEventListener("load", () => resolve(into), { once: true });
    into.src = url;
  });

// It is asked for once, by the frame itself: a fetch before it took browsers 300 ms more. What it is not says the answer.
export async function refresh() {
  const mine = ++asked;
  const noted = drawing.noted();
  const url = address();
  for (const late of sheet().querySelectorAll("iframe.next")) late.remove();
  const next = document.createElement("iframe");
  next.setAttribute("sandbox", frame().getAttribute("sandbox"));
  [next.title, next.tabIndex, next.className] = [frame().title, -1, "next"];
  sheet().prepend(next);
  await load(next, url);
  if (mine !== asked) return next.remove();
  const page = next.contentDocument;
  const said = page?.querySelector("[data-trouble]")?.textContent;
  const isEmail = view === "text" ? page?.contentType === "text/plain" : page?.lastChild?.data === "email";
  trouble().hidden = isEmail;
  trouble().textContent = said ?? trouble().dataset.lost ?? "";
  if (!isEmail) return next.remove(); // the email as it was last is still there
  weigh(new Blob([page.documentElement.outerHTML]).size);
  fit(next);
  frame().remove();
  next.classList.remove("next");
  drawing.then(noted);
  draw();
  clearTimeout(looking);
  looking = setTimeout(() => htmx.ajax("GET", `${document.getElementById("email-lint").dataset.holds}${url.search}`, { target: "#email-lint", swap: "innerHTML" }), REST);
}

const weigh = (bytes) => {
  const place = document.querySelector("[data-weight]");
  if (place && view !== "text") place.textContent = `${Math.ceil(bytes / 1000)} kB / 100 kB`;
};

// What comes late, a picture or a font, moves everything below it.
const late = new ResizeObserver(() => {
  fit(frame());
  draw();
});

function fit(one) {
  const page = one.contentDocument;
  if (!page?.body) return;
  late.disconnect();
  late.observe(page.body);
  if (!one.clientWidth) return; // a phone shows another part: it is measured when it is shown
  one.style.blockSize = "0";
  one.style.blockSize = `${Math.max(120, page.documentElement.scrollHeight, page.body.scrollHeight)}px`;
}

// [id, range] of each block that stands in the frame.
function* ranges() {
  const page = frame().contentDocument;
  if (!page?.body) return;
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_COMMENT);
  const open = new Map();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const [, closes, id] = /^(\/?)b:([a-z0-9]+)$/i.exec(node.data.trim()) ?? [];
    if (id && !closes) open.set(id, node);
    else if (id && open.has(id)) {
      const range = page.createRange();
      range.setStartAfter(open.get(id));
      range.setEndBefore(node);
      yield [id, range];
    }
  }
}

// [id, top, height]; height 0: this person does not see it.
function* places() {
  for (const [id, range] of ranges()) {
    const box = range.getBoundingClientRect();
    yield [id, box.height ? box.top : null, box.height];
  }
}

// The pieces of text of one block, as the frame has them.
export function textsOf(id) {
  const [, range] = [...ranges()].find(([one]) => one === id) ?? [];
  if (!range) return [];
  const walker = frame().contentDocument.createTreeWalker(range.commonAncestorContainer, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) if (range.intersectsNode(node)) found.push(node);
  return found;
}

function draw() {
  const place = marks();
  place.replaceChildren();
  place.classList.toggle("off", view === "text");
  let below = 0;
  for (const [id, top, height] of places()) {
    const words = document.querySelector(`#line-${CSS.escape(id)} .outline-words`)?.textContent ?? "";
    if (!height) {
      const unseen = document.createElement("div");
      unseen.classList.add("unseen");
      unseen.style.insetBlockStart = `${below}px`;
      unseen.title = words;
      place.append(unseen);
      continue;
    }
    below = top + height;
    const press = document.createElement("button");
    press.type = "button";
    press.tabIndex = -1;
    press.dataset.of = id;
    press.setAttribute("aria-label", words.trim());
    press.style.insetBlockStart = `${top}px`;
    press.style.blockSize = `${height}px`;
    place.append(press);
  }
  mark(chosen);
}

export function mark(id) {
  const isNew = id !== chosen;
  chosen = id;
  for (const one of marks()?.children ?? []) {
    one.toggleAttribute("aria-current", one.dataset.of === id);
    if (isNew && one.dataset.of === id) one.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }
}

export function watchCanvas(choose) {
  onChoose = choose;
  const first = frame();
  const settle = () => {
    fit(first);
    draw();
  };
  if (first.contentDocument?.readyState === "complete" && first.contentDocument.body?.childElementCount) settle();
  first.addEventListener("load", settle, { once: true });
  refresh();
  marks().addEventListener("click", (event) => {
    const id = event.target.closest("[data-of]")?.dataset.of;
    if (id) onChoose(id);
  });
  for (const button of document.querySelectorAll("[data-view]"))
    button.addEventListener("click", () => {
      view = button.dataset.view;
      for (const other of document.querySelectorAll("[data-view]")) other.setAttribute("aria-pressed", String(other === button));
      sheet().classList.toggle("phone", view === "phone");
      refresh();
    });
  document.querySelector("[data-as]")?.addEventListener("change", refresh);
  addEventListener("resize", () => {
    fit(frame());
    draw();
  });
}
