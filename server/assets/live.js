// Keeps the parts of a page that say `data-live` true: when the server tells of news, the part is asked for again.
// Without this script the page is the same after a reload.
"use strict";
(() => {
  const parts = document.querySelectorAll("[data-live]");
  if (parts.length === 0 || !window.EventSource) return;
  const said = document.getElementById("said");
  const headers = { "gridbook-script": "1", "gridbook-live": "1" };
  let waiting = 0;

  async function refresh() {
    waiting = 0;
    for (const part of parts) {
      const answer = await fetch(part.dataset.live, { headers }).catch(() => null);
      if (answer && answer.status === 401) return leave();
      if (!answer || !answer.ok) continue;
      const fresh = part.cloneNode(false);
      fresh.innerHTML = await answer.text();
      renewChildren(part, fresh);
    }
  }

  // Somebody's keyboard is in here, or something they wrote and have not sent.
  function inUse(node) {
    if (node.contains(document.activeElement)) return true;
    return [...node.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => field.value !== field.defaultValue);
  }

  // What has not changed stays as it is; what is in use stays whole if it is a record's entry, which then is answered at
  // the version that its reader saw.
  function renew(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (!inUse(old)) old.replaceWith(fresh);
    else if (!old.matches("article")) renewChildren(old, fresh);
  }

  const called = (node) => node.id || `${node.tagName} ${node.className}`;

  function renewChildren(old, fresh) {
    const wanted = [...fresh.children];
    const names = new Set(wanted.map(called));
    for (const child of [...old.children]) {
      if (!names.has(called(child)) && !inUse(child)) child.remove();
    }
    const done = new Set();
    let at = old.firstElementChild;
    for (const next of wanted) {
      const same = [...old.children].find((child) => !done.has(child) && called(child) === called(next));
      done.add(next).add(same);
      if (same && (same === at || inUse(same))) {
        at = same.nextElementSibling;
        renew(same, next);
      } else {
        old.insertBefore(next, at);
        if (same) same.remove();
      }
    }
  }

  function leave() {
    source.close();
    location.assign("/console/login?next=" + encodeURIComponent(location.pathname + location.search));
  }

  const source = new EventSource("/console/events");
  // Several phones that sync together are one look.
  source.addEventListener("records", () => { waiting = waiting || setTimeout(refresh, 250); });
  source.addEventListener("left", leave);

  // What came in while nobody told of it is asked for once somebody does again.
  let lost = false;
  source.addEventListener("error", () => {
    lost = true;
    said.textContent = said.dataset.lost;
    // The server answered, and not with news: perhaps the session is over.
    if (source.readyState === EventSource.CLOSED) refresh();
  });
  source.addEventListener("open", () => {
    if (!lost) return;
    lost = false;
    said.textContent = "";
    refresh();
  });
})();
