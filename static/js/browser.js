// What the browser knows better than we do: its time zone; and a short name made of a long one.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll("[data-browser-zone]")) {
  const known = field.tagName !== "SELECT" || [...field.options].some((option) => option.value === zone);
  if (zone && known && !field.dataset.kept) field.value = zone;
}

for (const short of document.querySelectorAll("[data-short-of]")) {
  const long = document.getElementById(short.dataset.shortOf);
  let own = short.value !== "";
  short.addEventListener("input", () => (own = short.value !== ""));
  long?.addEventListener("input", () => {
    if (own) return;
    const plain = long.value.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    short.value = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
  });
}
