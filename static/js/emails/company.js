// Who else has the email open: the page says that we are here, and whether we type; when it goes, that we left.
const WRITING_FOR = 10_000;
const company = () => document.getElementById("company");
const isOurs = (event) => event.target === company();
let touched = 0;

const leave = () => {
  const facts = new FormData();
  facts.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  navigator.sendBeacon(company().dataset.company, facts);
};

export function watchCompany() {
  document.addEventListener("input", (event) => {
    if (event.target.closest("[data-autosave]")) touched = Date.now();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (isOurs(event) && Date.now() - touched < WRITING_FOR) event.detail.parameters.writes = "1";
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isOurs(event) && document.hidden) event.preventDefault();
  });
  addEventListener("pagehide", leave);
}
