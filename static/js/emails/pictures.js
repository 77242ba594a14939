// A block's picture: chosen among the workspace's, or taken in. The field keeps its number; the form is kept as ever.
const dialog = () => document.getElementById("picture-dialog");
const trouble = () => dialog().querySelector("[data-upload-trouble]");
let field = null; // the one that a picture is chosen for

export function awakenPictures(root) {
  for (const one of root?.querySelectorAll("[data-picture-field]:not([data-awake])") ?? []) {
    one.dataset.awake = "";
    one.querySelector("input").type = "hidden";
    one.querySelector("[data-choose-picture]").hidden = false;
    show(one);
  }
}

function show(one, url = one.closest("[data-picture-path]").dataset.picturePath) {
  const place = one.querySelector("[data-picture-shown]");
  place.hidden = !url;
  place.replaceChildren();
  if (!url) return;
  const image = document.createElement("img");
  image.alt = "";
  image.src = url;
  place.append(image);
}

function take({ id, url, alt }) {
  const input = field.querySelector("input");
  input.value = id;
  show(field, url);
  const words = field.closest("form").querySelector("[name=alt]");
  if (words && !words.value) words.value = alt;
  dialog().close();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  field.querySelector("[data-choose-picture]").focus();
}

async function upload(file) {
  const body = new FormData();
  body.append("file", file);
  body.append("alt", "");
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  const input = dialog().querySelector("[data-upload]");
  const answer = await fetch(input.dataset.upload, { method: "POST", body, headers: { "X-CSRFToken": token } }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  trouble().hidden = Boolean(answer?.ok);
  trouble().textContent = said?.error ?? "";
  input.value = "";
  if (answer?.ok) take(said);
}

document.addEventListener("click", (event) => {
  const opens = event.target.closest("[data-choose-picture]");
  if (opens) {
    field = opens.closest("[data-picture-field]");
    trouble().hidden = true;
    dialog().showModal();
    htmx.ajax("GET", dialog().querySelector("[data-picker]").dataset.picker, { target: "#picture-choices", swap: "innerHTML" });
  }
  const choice = event.target.closest(".picture-choice");
  if (choice) take({ id: choice.dataset.picture, url: choice.dataset.url, alt: choice.dataset.alt });
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-upload]") && event.target.files.length) upload(event.target.files[0]);
});
