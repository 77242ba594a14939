// Every value of a chart by arrow keys, said aloud.
import { announce } from "./toasts.js";

function point(chart, index) {
  const points = [...chart.querySelectorAll(".point")];
  const at = Math.min(points.length - 1, Math.max(0, index));
  points.forEach((each, number) => each.classList.toggle("shown", number === at));
  chart.dataset.at = String(at);
  if (points[at]) announce(points[at].dataset.value);
}

function ready(root) {
  for (const chart of root.querySelectorAll("[data-chart]")) chart.setAttribute("tabindex", "0");
}

document.addEventListener("keydown", (event) => {
  const chart = event.target.closest?.("[data-chart]");
  if (!chart) return;
  const last = chart.querySelectorAll(".point").length - 1;
  const at = chart.dataset.at === undefined ? last + 1 : Number(chart.dataset.at);
  const next = { ArrowLeft: at - 1, ArrowRight: Math.min(at + 1, last), Home: 0, End: last }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  point(chart, next);
});
document.addEventListener("focusout", (event) => {
  for (const shown of event.target.closest?.("[data-chart]")?.querySelectorAll(".point.shown") ?? []) shown.classList.remove("shown");
});
document.addEventListener("htmx:afterSwap", (event) => ready(event.target));
ready(document);
