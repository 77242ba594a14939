// What is pasted keeps its headings, lists and links; looks, scripts and whatever would load something stay outside.
const KEPT = new Set("P BR B STRONG I EM A UL OL LI H1 H2 H3 H4 H5 H6 HR BLOCKQUOTE DIV".split(" "));
const GONE = "script, style, head, meta, link, title, iframe, object, template, noscript, svg, img";

// The policy refuses even to parse looks: they are read as words, for what they say of bold, italic and Word's lists.
const STYLES = /<style\b[^]*?<\/style\s*>/gi;
const IN_TAG = /<[a-z][^<>]*>/gi;
const LOOK = /\sstyle(?=\s*=)/gi;
const BOLD = /(?<![\w-])font-weight:\s*(bold|[6-9]00)/i;
const NOT_BOLD = /(?<![\w-])font-weight:\s*(normal|[1-4]00)/i;
const ITALIC = /(?<![\w-])font-style:\s*italic/i;
const WORD_SIGN = "[data-look*='mso-list:Ignore' i]";
const WORD_POINT = "p[data-look*='mso-list' i]";
const COUNTED = /^\s*(\d+|[a-z]{1,4})[.)]/i;

const lookOf = (one) => one.dataset.look ?? "";

function without(page) {
  for (const one of page.querySelectorAll(GONE)) one.remove();
  const walk = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walk.nextNode()) comments.push(walk.currentNode);
  for (const one of comments) one.remove();
}

// Word writes a list as paragraphs with a sign of their own before the words.
function gatherPoints(page) {
  for (const sign of page.querySelectorAll(WORD_SIGN)) {
    const point = sign.closest("p");
    if (point) point.dataset.sign = sign.textContent;
    sign.remove();
  }
  for (const point of page.querySelectorAll(WORD_POINT)) {
    if (!("sign" in point.dataset)) continue;
    const name = COUNTED.test(point.dataset.sign) ? "OL" : "UL";
    let list = point.previousElementSibling;
    if (!list || list.tagName !== name || !("points" in list.dataset)) {
      list = page.createElement(name);
      list.dataset.points = "";
      point.before(list);
    }
    const line = page.createElement("li");
    line.append(...point.childNodes);
    list.append(line);
    point.remove();
  }
}

// A link that Google Docs leads through its own counter leads where its writer meant.
function targetOf(link) {
  const target = link.getAttribute("href") ?? "";
  if (!/^https:\/\/www\.google\.com\/url\?/i.test(target)) return target;
  return new URL(target).searchParams.get("q") || target;
}

function unwrap(one, page) {
  let inner = [...one.childNodes];
  const marks = one.tagName === "SPAN" ? [BOLD.test(lookOf(one)) && "strong", ITALIC.test(lookOf(one)) && "em"] : [];
  for (const name of marks.filter(Boolean)) {
    const mark = page.createElement(name);
    mark.append(...inner);
    inner = [mark];
  }
  one.replaceWith(...inner);
}

function plainMarkup(html) {
  const words = html.replace(STYLES, "").replace(IN_TAG, (tag) => tag.replace(LOOK, " data-look"));
  const page = new DOMParser().parseFromString(words, "text/html");
  without(page);
  gatherPoints(page);
  for (const one of [...page.body.querySelectorAll("*")].reverse()) {
    const isWrapper = one.tagName === "B" && NOT_BOLD.test(lookOf(one));
    const isInPoint = one.tagName === "P" && one.parentElement.tagName === "LI";
    if (!KEPT.has(one.tagName) || isWrapper || isInPoint) {
      unwrap(one, page);
      continue;
    }
    const target = one.tagName === "A" ? targetOf(one) : "";
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
