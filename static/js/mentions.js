// @names: while one is typed in a [data-mentions] field, the colleagues whose names begin so stand below it. Arrow keys
// choose, Enter or Tab takes, Escape leaves. Without this script the name is simply typed.
const MOST = 6;
const TYPED = /(^|[^\w@.])@([\p{L}\p{N}_ .'-]{0,40})$/u;

const namesOf = (field) =>
  [...(document.getElementById(field.dataset.mentions)?.options ?? [])].map((option) => option.value);

const listOf = (field) => {
  let list = field.parentElement.querySelector(".mentionable");
  if (!list) {
    list = document.createElement("ul");
    list.className = "mentionable";
    list.id = `${field.id}-names`;
    list.setAttribute("role", "listbox");
    field.after(list);
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-autocomplete", "list");
  }
  return list;
};

const close = (field) => {
  const list = field.parentElement.querySelector(".mentionable");
  if (list) list.replaceChildren();
  field.removeAttribute("aria-activedescendant");
};

const take = (field, name) => {
  const at = field.selectionStart;
  const before = field.value.slice(0, at).replace(TYPED, (_all, head) => `${head}@${name} `);
  field.setRangeText(before, 0, at, "end");
  close(field);
  field.focus();
};

const choose = (field, step) => {
  const all = [...listOf(field).children];
  const now = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const next = all[(now + step + all.length) % all.length];
  for (const one of all) one.setAttribute("aria-selected", String(one === next));
  field.setAttribute("aria-activedescendant", next.id);
};

document.addEventListener("input", (event) => {
  const field = event.target.closest?.("[data-mentions]");
  if (!field) return;
  const typed = TYPED.exec(field.value.slice(0, field.selectionStart))?.[2].toLowerCase();
  const fits = typed === undefined ? [] : namesOf(field).filter((name) => name.toLowerCase().startsWith(typed));
  if (!fits.length) {
    close(field);
    return;
  }
  const items = fits.slice(0, MOST).map((name, place) => {
    const item = document.createElement("li");
    item.id = `${field.id}-name-${place}`;
    item.setAttribute("role", "option");
    item.textContent = name;
    return item;
  });
  listOf(field).replaceChildren(...items);
  choose(field, 1);
});

document.addEventListener(
  "keydown",
  (event) => {
    const field = event.target.closest?.("[data-mentions]");
    const list = field?.parentElement.querySelector(".mentionable");
    if (!list?.children.length) return;
    const chosen = list.querySelector('[aria-selected="true"]');
    if (event.key === "ArrowDown") choose(field, 1);
    else if (event.key === "ArrowUp") choose(field, -1);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(field, chosen.textContent);
    else if (event.key === "Escape") close(field);
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

document.addEventListener("mousedown", (event) => {
  const item = event.target.closest?.(".mentionable > li");
  if (!item) return;
  event.preventDefault();
  take(item.parentElement.parentElement.querySelector("[data-mentions]"), item.textContent);
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-mentions]")) close(event.target);
});
