// The email follows each key: the words that are typed are put into it at once, where they stand as they are. How it
// truly looks, with fields, conditions and the mail clients' frame, is drawn by the server a moment later.
import { textsOf, whenDrawn } from "./canvas.js";

const FIELDS = ".words :is(input:not([type]), input[type=text], textarea:not([hidden])), .words .rich-words";
const form = () => document.getElementById("block-form");
let shown = []; // the words as the email has them
let sent = []; // as they were when they last went to be kept: so is the email that is drawn next

function* textNodes(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) yield node;
}
const plain = (text) => text.replace(/\s+/g, " ").trim();
const words = () =>
  [...(form()?.querySelectorAll(FIELDS) ?? [])].flatMap((one) =>
    one.isContentEditable ? [...textNodes(one)].map((node) => node.data) : [one.value],
  );

// One text that stands once in the block; what is filled in for each person only the server knows.
function put(before, after) {
  if (!plain(before) || /[{}]/.test(before + after)) return;
  const there = textsOf(form().closest("[data-of]").dataset.of).filter((node) => plain(node.data) === plain(before));
  if (there.length === 1) there[0].data = after;
}

function follow() {
  const now = words();
  if (now.length === shown.length) now.forEach((text, at) => text !== shown[at] && put(shown[at], text));
  shown = now;
}

export const noteSent = () => (sent = words());

export function watchWords() {
  const begin = () => (shown = sent = words());
  begin();
  document.addEventListener("input", (event) => form()?.contains(event.target) && follow());
  document.addEventListener("htmx:afterSettle", (event) => event.target.id === "block" && begin());
  const drawn = (words) => {
    shown = words;
    follow();
  };
  whenDrawn(() => sent, drawn);
}
