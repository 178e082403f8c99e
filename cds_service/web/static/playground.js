// The playground without this script: press "Show". With it: every change is shown at once, and commands can be copied.
// It sends the form to this server as it is, and puts the parts of the answer that are marked data-live in their places.
"use strict";

const form = document.getElementById("controls");
const said = document.getElementById("live");
let running = null;

// A disclosure stays as the reader left it, as long as it says the same.
const known = (one) => `${one.id} ${one.querySelector("summary").textContent}`;

function openDetails() {
  return new Map([...document.querySelectorAll("#result details[id]")].map((one) => [known(one), one.open]));
}

function show(text, address) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const before = openDetails();
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh) part.replaceWith(document.adoptNode(fresh));
  }
  for (const one of document.querySelectorAll("#result details[id]")) {
    if (before.has(known(one))) one.open = before.get(known(one));
  }
  if (address) history.replaceState(null, "", address);
  prepareCopies();
  const changed = document.querySelector("#result .changed");
  const fault = document.querySelector("#result .fault h2");
  const rows = changed ? changed.querySelectorAll("tbody tr td.after").length : 0;
  said.textContent = fault ? fault.textContent : changed ? `${rows} things change.` : "Shown as in the request.";
}

async function ask() {
  if (running) running.abort();
  const mine = (running = new AbortController());
  const fields = new FormData(form);
  const byAddress = form.method === "get";
  if (!byAddress && !String(fields.get("request")).trim()) return;
  const address = byAddress ? `${form.action}?${new URLSearchParams([...fields].filter(([, value]) => value))}` : form.action;
  const options = { signal: mine.signal, ...(byAddress ? {} : { method: "POST", body: fields }) };
  try {
    const answer = await fetch(address, { ...options, headers: { Accept: "text/html" } });
    show(await answer.text(), byAddress ? address : null);
  } catch (error) {
    if (error.name !== "AbortError") form.submit();
  } finally {
    if (running === mine) running = null;
  }
}

function prepareCopies() {
  for (const button of document.querySelectorAll("button[data-copy][hidden]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
      said.textContent = "Copied to the clipboard.";
    });
  }
}

document.addEventListener("change", (event) => {
  if (event.target.form !== form) return;
  if (event.target.name === "case") {
    for (const field of form.elements) if (field.type === "checkbox") field.checked = false;
    for (const name of ["hook", "order", "on"]) form.elements[name].value = "";
  }
  ask();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
prepareCopies();
