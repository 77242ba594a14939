// What is pasted keeps its headings, lists and links; looks, scripts and whatever would load something stay outside.
const KEPT = new Set("P BR B STRONG I EM A UL OL LI H1 H2 H3 H4 H5 H6 HR BLOCKQUOTE DIV".split(" "));
const GONE = "script, style, head, meta, link, title, iframe, object, template, noscript, svg, img";

const LOOKS = /\sstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)|<style\b[^]*?<\/style\s*>/gi; // the policy refuses even to parse them

function plainMarkup(html) {
  const page = new DOMParser().parseFromString(html.replace(LOOKS, ""), "text/html");
  for (const one of page.querySelectorAll(GONE)) one.remove();
  for (const one of [...page.body.querySelectorAll("*")].reverse()) {
    const target = one.tagName === "A" ? one.getAttribute("href") : null;
    if (!KEPT.has(one.tagName)) {
      one.replaceWith(...one.childNodes);
      continue;
    }
    for (const name of one.getAttributeNames()) one.removeAttribute(name);
    if (target) one.setAttribute("href", target);
  }
  return page.body.innerHTML;
}

// Where the caret stands. Not by execCommand: it writes looks of its own around what it inserts.
export function insertMarkup(html) {
  const selection = getSelection();
  if (!selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  range.deleteContents();
  range.insertNode(range.createContextualFragment(plainMarkup(html)));
  selection.collapseToEnd();
}

// A place to paste into, in front of the textarea that is sent.
for (const area of document.querySelectorAll("textarea[data-pasted]")) {
  const words = document.createElement("div");
  words.classList.add("field");
  words.classList.add("pasted-words");
  words.contentEditable = "true";
  words.setAttribute("role", "textbox");
  words.setAttribute("aria-multiline", "true");
  words.setAttribute("aria-label", area.labels[0]?.textContent.trim() ?? "");
  area.hidden = true;
  area.after(words);
  const tell = () => (area.value = words.innerHTML);
  words.addEventListener("input", tell);
  words.addEventListener("paste", (event) => {
    const html = event.clipboardData.getData("text/html");
    if (!html) return;
    event.preventDefault();
    insertMarkup(html);
    tell();
  });
}
