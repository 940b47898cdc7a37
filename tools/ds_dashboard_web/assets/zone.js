// Times in the browser's zone instead of UTC. Without this file, and in commands and exports, they are in UTC.
"use strict";
(() => {
  const root = document.documentElement;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const two = "2-digit";
  const format = new Intl.DateTimeFormat("en", {
    timeZone: here, year: "numeric", month: two, day: two, hour: two, minute: two, second: two, hourCycle: "h23", timeZoneName: "shortOffset",
  });
  try { if (localStorage.getItem("zone") === "local") root.dataset.zone = "local"; } catch { /* a private window */ }

  // The same parts of an instant as a text in UTC has: "2026-11-23 12:02:03", "2026-11-23 12:02 UTC" or "12:02 UTC".
  const local = (at, text) => text.replace(/^(\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)?( UTC)?/, (whole, day, seconds, zone) => {
    if (Number.isNaN(at.getTime())) return whole;
    const one = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const date = day ? `${one.year.padStart(4, "0")}-${one.month}-${one.day} ` : "";
    return `${date}${one.hour}:${one.minute}${seconds ? `:${one.second}` : ""}${zone ? ` ${one.timeZoneName}` : ""}`;
  });
  // Of what is said on hover, the lines that begin with an instant.
  const lines = (text) => text.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC/gm, (whole, day, clock) => local(new Date(`${day}T${clock}Z`), whole));

  const show = () => {
    const isLocal = root.dataset.zone === "local";
    for (const one of document.querySelectorAll("time[datetime]")) {
      one.dataset.utc ??= one.firstChild.data;
      one.firstChild.data = isLocal ? local(new Date(one.dateTime), one.dataset.utc) : one.dataset.utc;
    }
    for (const one of document.querySelectorAll('[title*=" UTC"], [data-title]')) {
      one.dataset.title ??= one.title;
      one.title = isLocal ? lines(one.dataset.title) : one.dataset.title;
    }
    for (const one of document.querySelectorAll(".zone")) one.textContent = isLocal ? here : "UTC";
    document.getElementById("zone")?.setAttribute("aria-pressed", String(isLocal));
    document.dispatchEvent(new Event("zone"));
  };
  const toggle = () => {
    root.dataset.zone = root.dataset.zone === "local" ? "UTC" : "local";
    try { localStorage.setItem("zone", root.dataset.zone); } catch { /* a private window forgets it */ }
    show();
  };
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("zone")?.addEventListener("click", toggle);
    if (root.dataset.zone === "local") show();
  });
  // A search has put other rows into the page.
  document.addEventListener("result", () => { if (root.dataset.zone === "local") show(); });
})();
