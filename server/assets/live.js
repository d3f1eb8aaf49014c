// Keeps the parts of a page that say `data-live` true: when the server tells of news, the part is asked for again.
// Without this script the page is the same after a reload.
"use strict";
(() => {
  const parts = document.querySelectorAll("[data-live]");
  if (parts.length === 0 || !window.EventSource) return;
  const headers = { "gridbook-script": "1", "gridbook-live": "1" };
  let waiting = 0;

  async function refresh() {
    waiting = 0;
    for (const part of parts) {
      const answer = await fetch(part.dataset.live, { headers }).catch(() => null);
      if (answer && answer.status === 401) return leave();
      if (answer && answer.ok && !part.contains(document.activeElement)) part.innerHTML = await answer.text();
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
})();
