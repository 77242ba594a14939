// Words with bold, italic, links and lists: a field to write in, in front of the textarea that is sent.
// The server cleans whatever comes; what is pasted from Word or Google Docs may look odd here until it did.
import { insertMarkup } from "./pasting.js";

const PRESSED = ["bold", "italic", "insertUnorderedList", "insertOrderedList"];
let last = null; // where the caret stood last: a field of words, and its range

const tell = (words, area) => {
  area.value = words.innerHTML;
  area.dispatchEvent(new Event("input", { bubbles: true }));
};

export function awaken(root) {
  for (const rich of root?.querySelectorAll("[data-rich]:not([data-awake])") ?? []) wake(rich);
}

function wake(rich) {
  rich.dataset.awake = "";
  const area = rich.querySelector("textarea");
  const words = document.createElement("div");
  words.className = "field rich-words";
  words.contentEditable = "true";
  words.setAttribute("role", "textbox");
  words.setAttribute("aria-multiline", "true");
  const label = document.querySelector(`label[for="${CSS.escape(area.id)}"]`);
  words.setAttribute("aria-label", label?.firstChild.textContent.trim() ?? "");
  words.innerHTML = area.value; // it was cleaned when it was kept
  area.hidden = true;
  area.after(words);
  const tools = rich.querySelector(".rich-tools");
  const link = rich.querySelector(".rich-link");
  tools.hidden = false;
  document.execCommand("defaultParagraphSeparator", false, "p");
  label?.addEventListener("click", () => words.focus());
  words.addEventListener("input", () => tell(words, area));
  words.addEventListener("paste", (event) => {
    const html = event.clipboardData.getData("text/html");
    if (!html) return;
    event.preventDefault();
    insertMarkup(html);
    tell(words, area);
  });
  words.addEventListener("keyup", () => shown(words, tools));
  words.addEventListener("mouseup", () => shown(words, tools));
  words.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    event.stopPropagation();
    ask(words, link);
  });
  rich.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-rich-do]")) event.preventDefault(); // the selection stays
  });
  rich.addEventListener("click", (event) => {
    const act = event.target.closest("[data-rich-do]")?.dataset.richDo;
    if (!act) return;
    if (act === "link") return ask(words, link);
    put(words);
    if (act === "createLink") {
      const to = link.querySelector("[data-rich-link]").value.trim();
      if (!to) return;
      document.execCommand("createLink", false, /^([a-z]+:|#|\{)/i.test(to) ? to : `https://${to}`);
    } else document.execCommand(act);
    link.hidden = true;
    shown(words, tools);
    tell(words, area);
  });
}

function ask(words, link) {
  remember(words);
  link.hidden = false;
  const at = getSelection().anchorNode?.parentElement?.closest("a");
  const input = link.querySelector("[data-rich-link]");
  input.value = at?.getAttribute("href") ?? "";
  input.focus();
}

const remember = (words) => {
  const selection = getSelection();
  if (selection.rangeCount && words.contains(selection.anchorNode)) last = [words, selection.getRangeAt(0).cloneRange()];
};
const put = (words) => {
  words.focus();
  if (!last || last[0] !== words) return;
  getSelection().removeAllRanges();
  getSelection().addRange(last[1]);
};
const shown = (words, tools) => {
  remember(words);
  for (const act of PRESSED) tools.querySelector(`[data-rich-do="${act}"]`)?.setAttribute("aria-pressed", String(document.queryCommandState(act)));
};

// A field of a person goes where the caret stood last, in words or in a plain field.
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.(".rich-words")) remember(event.target);
  else if (event.target.matches?.("#block .words :is(input[type=text], input:not([type]), textarea), .envelope input")) last = [event.target, null];
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const other = button.dataset.standIn;
  const text = `{{ ${button.dataset.insert}${other ? ` | default: "${other}"` : ""} }}`;
  const into = last?.[0]?.isConnected ? last[0] : document.querySelector("#block .rich-words, #block .words :is(input, textarea)");
  if (!into) return;
  if (into.isContentEditable) {
    put(into);
    document.execCommand("insertText", false, text);
    return;
  }
  into.focus();
  into.setRangeText(text, into.selectionStart ?? into.value.length, into.selectionEnd ?? into.value.length, "end");
  into.dispatchEvent(new Event("input", { bubbles: true }));
});
