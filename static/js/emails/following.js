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

// A text that stands once in the block is put as it is now. What is filled in for each person only the server knows: it
// stays between the words around it, and where other fields are asked for the server draws them.
const FILLED = /\{\{.*?\}\}|\{%.*?%\}/g;
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
function put(before, after) {
  const [was, now] = [before, after].map((text) => text.replace(/\s+/g, " "));
  if (!was.trim() || (was.match(FILLED) ?? []).join() !== (now.match(FILLED) ?? []).join()) return;
  const around = now.trim().split(FILLED);
  if (around.some((text) => /[{}]/.test(text))) return; // a field that is being written
  const stood = new RegExp(`^${was.trim().split(FILLED).map(escaped).join("(.*?)")}$`);
  const there = textsOf(form().closest("[data-of]").dataset.of).filter((node) => stood.test(plain(node.data)));
  if (there.length !== 1) return;
  const [, ...filled] = stood.exec(plain(there[0].data));
  there[0].data = around.flatMap((text, at) => (at ? [filled[at - 1], text] : [text])).join("");
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
