// Light, dark, or as the system says; the choice is this browser's own.
const buttons = () => document.querySelectorAll("[data-theme-value]");

function show(value) {
  const root = document.documentElement;
  if (value) root.dataset.theme = value;
  else delete root.dataset.theme;
  for (const button of buttons()) button.setAttribute("aria-pressed", String(button.dataset.themeValue === value));
}

function read() {
  try {
    return localStorage.getItem("theme") || "";
  } catch {
    return "";
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-value]");
  if (!button) return;
  const value = button.dataset.themeValue;
  show(value);
  try {
    if (value) localStorage.setItem("theme", value);
    else localStorage.removeItem("theme");
  } catch {
    // a browser that keeps nothing still shows the choice on this page
  }
});
show(read());
