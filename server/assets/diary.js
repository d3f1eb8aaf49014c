// The diary by keyboard, and marks without leaving the page: j and k go on and back, Enter marks as read, r writes a
// note. Without this script every button does the same with a reload.
"use strict";
(() => {
  const said = document.getElementById("said");
  const entries = () => [...document.querySelectorAll("article.entry")];
  const here = () => document.activeElement.closest ? document.activeElement.closest("article.entry") : null;

  function go(step) {
    const all = entries();
    const at = all.indexOf(here());
    const to = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (to) { to.focus(); to.scrollIntoView({ block: "nearest" }); }
  }

  async function send(form, mark) {
    const body = new URLSearchParams(new FormData(form));
    body.set("mark", mark);
    const article = form.closest("article.entry");
    const answer = await fetch(form.action, { method: "POST", body, headers: { "gridbook-script": "1" } })
      .catch(() => null);
    if (!answer) { said.textContent = said.dataset.unsent; return; }
    if (answer.status === 401) return location.reload();
    const text = await answer.text();
    if (!answer.ok) { said.textContent = text; return; }
    said.textContent = "";
    article.outerHTML = text;
    const fresh = document.getElementById(article.id);
    if (fresh) fresh.focus();
    return true;
  }

  // What is written and not sent outlives the page in this tab: a session that ended, a reload, a look at another page.
  // It is the reader's own, so its name tells whose it is.
  const reader = document.querySelector(".person");
  const kept = (field) => `note ${reader ? reader.textContent : ""} ${field.id}`;
  const notes = () => document.querySelectorAll("input.note");
  addEventListener("pagehide", () => {
    for (const field of notes()) {
      if (field.value) sessionStorage.setItem(kept(field), field.value);
      else sessionStorage.removeItem(kept(field));
    }
  });
  for (const field of notes()) field.value = sessionStorage.getItem(kept(field)) || field.value;

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.answer");
    if (!form || !event.submitter) return;
    event.preventDefault();
    send(form, event.submitter.value);
  });

  document.addEventListener("keydown", async (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input, textarea, select");
    if (typing) {
      if (event.key === "Escape") { const entry = here(); if (entry) entry.focus(); }
      // Enter in a note must not pick the first button by itself.
      if (event.key === "Enter" && typing.classList.contains("note")) event.preventDefault();
      return;
    }
    if (event.target.closest("a, button")) return;
    const entry = here();
    const form = entry && entry.querySelector("form.answer");
    if (event.key === "j") { go(1); }
    else if (event.key === "k") { go(-1); }
    else if (event.key === "r" && form) { form.querySelector(".note").focus(); }
    else if (event.key === "Enter" && form) { if (await send(form, "seen")) go(1); }
    else { return; }
    event.preventDefault();
  });
})();
