// The brand kit's page: a colour and its picker say the same, and the sample email follows the form.
const WAIT = 350;
let timer = 0;

const isColour = (text) => /^#?[0-9a-f]{6}$/i.test(text.trim());

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.dataset.colourOf) {
    document.getElementById(field.dataset.colourOf).value = field.value;
  } else if (field.id) {
    const picker = document.querySelector(`[data-colour-of="${field.id}"]`);
    if (picker && isColour(field.value)) picker.value = `#${field.value.trim().replace("#", "").toLowerCase()}`;
  }
  refresh(field.form);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "social") refresh(document.getElementById("kit"));
});

function refresh(form) {
  const button = form?.querySelector("[data-live]");
  if (!button) return;
  clearTimeout(timer);
  timer = setTimeout(() => show(form, button), WAIT);
}

// A file goes with "Save" alone: the sample shows the logo that is chosen, not the one that waits.
function show(form, button) {
  const files = [...form.querySelectorAll("input[type=file]")];
  files.forEach((one) => { one.disabled = true; });
  form.requestSubmit(button);
  files.forEach((one) => { one.disabled = false; });
}
