// Search as you type, keys, theme and copying. Everything else works without this file.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const apply = (theme) => { if (theme) root.dataset.theme = theme; };
  apply(stored());
  const toggleTheme = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* a private window forgets it */ }
    document.dispatchEvent(new Event("theme"));
  };

  const ready = () => {
    const $ = (selector) => document.querySelector(selector);
    const help = $("#help");
    $("#theme")?.addEventListener("click", toggleTheme);
    $("#keys")?.addEventListener("click", () => help?.showModal());

    const copy = async (button) => {
      const text = document.getElementById(button.dataset.copy)?.textContent;
      if (!text) return;
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    };
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-copy]");
      if (button) copy(button);
    });

    // Search: the same page with another query; only the result is replaced, so that the cursor stays.
    const search = $("#q");
    if (search && $("#result")) {
      let timer = 0;
      let latest = 0;
      const load = async () => {
        const form = search.form;
        const query = new URLSearchParams(new FormData(form));
        for (const [key, value] of [...query]) if (!value) query.delete(key);
        const address = `${form.getAttribute("action")}${query.size ? `?${query}` : ""}`;
        const number = ++latest;
        // The browser says itself what is wrong with an answer, or that there is none.
        const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
        if (number !== latest) return;
        if (!answer?.ok) { location.assign(address); return; }
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (number !== latest) return;
        $("#result").replaceWith(page.querySelector("#result"));
        $(".panels")?.remove();
        const panels = page.querySelector(".panels");
        if (panels) $(".bar").before(panels);
        const fresh = page.querySelectorAll(".bar .states, .bar .segments, .bar .pager");
        document.querySelectorAll(".bar .states, .bar .segments, .bar .pager").forEach((one, at) => one.replaceWith(fresh[at]));
        const command = page.querySelector("#command");
        if (command && $("#command")) $("#command").replaceWith(command);
        history.replaceState(null, "", address);
        document.dispatchEvent(new Event("result"));
      };
      search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(load, 150); });
    }

    // Keys move the focus between real links, so that Tab works as well.
    const rows = () => [...document.querySelectorAll($("#result") ? "#result tbody tr" : "main tbody tr")].filter((row) => row.querySelector("a"));
    const linksOf = (row) => [...row.querySelectorAll("a")];
    const move = (down, right) => {
      const all = rows();
      if (!all.length) return;
      const row = document.activeElement.closest?.("main tbody tr");
      const at = all.indexOf(row);
      if (at < 0) { linksOf(all[0])[0].focus(); return; }
      const column = linksOf(row).indexOf(document.activeElement);
      const target = linksOf(all[Math.min(all.length - 1, Math.max(0, at + down))]);
      const sideways = down ? Math.min(column, target.length - 1) : column + right;
      target[Math.min(target.length - 1, Math.max(0, sideways))]?.focus();
    };
    const follow = (selector) => { const link = $(selector); if (link) location.assign(link.href); };
    let waiting = "";
    document.addEventListener("keydown", (event) => {
      const typing = event.target.matches("input, textarea, select");
      if (event.key === "Escape" && typing) { event.target.blur(); return; }
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (waiting === "g") {
        waiting = "";
        const page = { o: "/", s: "/spokes", f: "/failures", t: "/thresholds" }[event.key];
        if (page) location.assign(page);
        return;
      }
      const ranges = [...document.querySelectorAll('[aria-label="Range"] a')];
      const environments = [...document.querySelectorAll('.crumbs [aria-label="Environment"] a')];
      const actions = {
        "/": () => search?.focus(),
        j: () => move(1, 0), k: () => move(-1, 0), h: () => move(0, -1), l: () => move(0, 1),
        n: () => follow('a[rel="next"]'), p: () => follow('a[rel="prev"]'),
        g: () => { waiting = "g"; },
        t: toggleTheme,
        u: () => $("#zone")?.click(),
        c: () => { const button = $("[data-copy]"); if (button) copy(button); },
        r: () => $('form[action="/read"]')?.submit(),
        e: () => {
          const at = environments.findIndex((one) => one.hasAttribute("aria-current"));
          if (environments.length > 1) location.assign(environments[(at + 1) % environments.length].href);
        },
        "?": () => help?.showModal(),
      };
      const range = ranges[Number(event.key) - 1];
      const action = range ? () => location.assign(range.href) : actions[event.key];
      if (action) { event.preventDefault(); action(); }
    });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
})();
