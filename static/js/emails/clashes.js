// What this window saw of each block and of the envelope goes along with what it writes: the server keeps nothing over
// words that were not seen, and asks which of both shall stand.
const seen = new Map(); // block → by which the server knows what it said
const was = new Map(); // subject, preheader → what they said
const ENVELOPE = ["subject", "preheader"];
const block = () => document.getElementById("block");
const outline = () => document.getElementById("outline");
const field = (name) => document.getElementById(name);
let shown = null;
let isUnsure = false; // an answer was lost: what stands may be this window's own

const written = (facts) => /^(?:save|remove):(.+)$/.exec(facts.do ?? "")?.[1];

export function noteSeen() {
  if (shown === block()) return;
  shown = block();
  if (shown?.dataset.of) seen.set(shown.dataset.of, shown.dataset.seen);
}

export function withSeen(facts, isLast = false) {
  const id = written(facts);
  const values = { ...facts };
  if (id && seen.has(id)) values.seen = seen.get(id);
  if (facts.do === "words") for (const name of ENVELOPE) values[`was_${name}`] = was.get(name);
  if (isLast || isUnsure) values.own = "1";
  return values;
}

export const hasClash = () => Boolean(document.querySelector("#clash .clash"));

export function learn(facts) {
  const { kept } = outline().dataset;
  const id = written(facts);
  isUnsure = false;
  if (id && kept) seen.set(id, kept);
  if (facts.do === "words" && kept !== undefined) for (const name of ENVELOPE) was.set(name, facts[name]);
}

export function watchClashes(takeTheirs) {
  noteSeen();
  for (const name of ENVELOPE) was.set(name, document.querySelector(`[name=was_${name}]`).value);
  document.addEventListener("htmx:sendError", () => (isUnsure = true));
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const about = event.detail.fragment?.querySelector?.("[data-about]")?.dataset.about;
    if (about && about !== "words" && about !== block()?.dataset.of) event.detail.shouldSwap = false;
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-take-theirs]");
    if (!link) return;
    event.preventDefault();
    const { takeTheirs: of, mine } = link.dataset;
    takeTheirs(of, mine);
    if (of !== "words") return;
    for (const name of ENVELOPE) {
      was.set(name, link.dataset[name]);
      field(name).value = link.dataset[name];
    }
    link.closest("[data-clash]").remove();
  });
}
