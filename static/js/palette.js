// Find or do: a dialog over pages, people, actions and help. The server answers {"items": [{name, url, icon, hint}]}.
const dialog = document.getElementById("palette");
const sprite = document.querySelector("use")?.getAttribute("href")?.split("#")[0] ?? "";
let chosen = 0;
let asking = null;
let timer = null;
let shown = null; // the words that the lines in sight answer

function option(item, index) {
  const line = document.createElement("li");
  line.id = `palette-${index}`;
  line.role = "option";
  line.dataset.url = item.url;
  if (item.icon) {
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "icon");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${sprite}#i-${item.icon}`);
    icon.append(use);
    line.append(icon);
  }
  const name = document.createElement("span");
  name.textContent = item.name;
  line.append(name);
  if (item.hint) {
    const hint = document.createElement("small");
    hint.textContent = item.hint;
    line.append(hint);
  }
  return line;
}

function choose(index) {
  const lines = [...dialog.querySelectorAll("[role=option]")];
  chosen = lines.length ? (index + lines.length) % lines.length : 0;
  lines.forEach((line, at) => line.setAttribute("aria-selected", String(at === chosen)));
  lines[chosen]?.scrollIntoView({ block: "nearest" });
  const input = dialog.querySelector("input");
  if (lines[chosen]) input.setAttribute("aria-activedescendant", lines[chosen].id);
  else input.removeAttribute("aria-activedescendant");
}

async function ask(words) {
  asking?.abort();
  asking = new AbortController();
  const url = new URL(dialog.dataset.url, location.href);
  url.searchParams.set("q", words);
  try {
    const answer = await fetch(url, { signal: asking.signal, headers: { Accept: "application/json" } });
    const { items } = await answer.json();
    dialog.querySelector("ul").replaceChildren(...items.map(option));
    dialog.querySelector(".palette-none").hidden = items.length > 0;
    choose(0);
    shown = words;
  } catch (problem) {
    if (problem.name !== "AbortError") dialog.querySelector(".palette-none").hidden = false;
  }
}

export function openPalette() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("input").select();
  ask(dialog.querySelector("input").value);
}

function go(line) {
  if (line) location.assign(line.dataset.url);
}

// Enter means the words as they stand: who types faster than the answer comes must not land on a line of earlier words.
async function goToChosen(words) {
  clearTimeout(timer);
  if (shown !== words) await ask(words);
  if (shown === words) go(dialog.querySelector("[aria-selected=true]"));
}

if (dialog) {
  const input = dialog.querySelector("input");
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(input.value), 90);
  });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      choose(chosen + step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      goToChosen(input.value);
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    else go(event.target.closest("[role=option]"));
  });
  document.addEventListener("click", (event) => event.target.closest("[data-palette-open]") && openPalette());
}
