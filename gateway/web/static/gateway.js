// A little on top of pages that work without it: no reload between times, the visitor's own zone, live search.
"use strict";
(() => {
  const main = () => document.getElementById("main");

  function show(text, address, replace, from) {
    const next = new DOMParser().parseFromString(text, "text/html");
    const held = document.activeElement && document.activeElement.id;
    const screen = (page) => page.querySelector("main > div").className.split(" ").slice(0, 3).join(" ");
    const same = screen(document).replace(" has-day", "") === screen(next).replace(" has-day", "");
    document.title = next.title;
    document.querySelector(".languages").replaceWith(next.querySelector(".languages"));
    main().replaceWith(next.getElementById("main"));
    history[replace ? "replaceState" : "pushState"]({}, "", address);
    begin();
    if (same) {
      const again = held && document.getElementById(held);
      if (again) again.focus({ preventScroll: true });
    } else {
      window.scrollTo(0, 0);
      const heading = main().querySelector("h1[tabindex], h2[tabindex]") || main();
      heading.focus({ preventScroll: true });
      const search = main().querySelector("[data-filter]");
      if (search && from) search.focus({ preventScroll: true });
    }
  }

  let latest = null;

  // The last thing asked for wins; until it is there, times of the day before cannot be taken by mistake.
  async function visit(address, { replace = false, from = null } = {}) {
    if (latest) latest.abort();
    const mine = (latest = new AbortController());
    main().classList.add("loading");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: mine.signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const text = await answer.text();
      if (mine === latest) show(text, address, replace, from);
    } catch {
      if (mine === latest) location.assign(address);
    }
  }

  function detectZone() {
    const screen = document.querySelector("[data-detect]");
    if (!screen) return;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone || zone === screen.dataset.zone) return;
    const address = new URL(location.href);
    address.searchParams.set("zone", zone);
    address.searchParams.set("detected", "1");
    visit(address.pathname + address.search, { replace: true });
  }

  // While something is under way, such as a first reading: what is said of it changes, what is ticked stays.
  function follow() {
    setTimeout(async () => {
      const page = document.querySelector("[data-follow]");
      if (!page) return;
      try {
        const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of document.querySelectorAll("[data-live]")) {
          const fresh = next.getElementById(part.id);
          if (!fresh) part.closest("[data-row]")?.remove();
          if (!fresh || fresh.textContent === part.textContent) continue;
          part.className = fresh.className;
          part.replaceChildren(...fresh.childNodes);
        }
        if (!next.querySelector("[data-follow]")) page.removeAttribute("data-follow");
      } catch {
        // The server is away for a moment: the next look may succeed.
      }
      follow();
    }, 2000);
  }

  // The chosen time is kept while the form is filled in; if somebody else is doing so already, the page says it.
  let holding = null;

  async function hold(form) {
    const { start, zone, dates, visitor } = form.elements;
    const body = new URLSearchParams({ start: start.value, zone: zone.value, dates: dates?.value || "", visitor: visitor?.value || "" });
    try {
      const answer = await fetch(form.dataset.hold, { method: "POST", body });
      if (answer.status === 409 && document.contains(form)) visit(location.pathname + location.search, { replace: true });
    } catch {
      // Not kept, then: whoever is first has it.
    }
  }

  // Inside another page: it hears how high this one is, and that something was booked; nothing about whom.
  const tell = (what) => parent !== window && parent.postMessage(what, "*");
  if (document.body.classList.contains("embed")) {
    new ResizeObserver(() => tell({ gateway: "height", height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
  }

  function begin() {
    const booked = document.querySelector("[data-booked]");
    if (booked) tell({ gateway: "booked", status: booked.dataset.booked, start: booked.dataset.start });
    asGrid();
    const form = document.querySelector("form[data-hold]");
    holding = form && hold(form).finally(() => { holding = null; });
    if (document.querySelector("[data-follow]")) follow();
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
    detectZone();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-soft]");
    if (link && !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)) {
      event.preventDefault();
      visit(link.getAttribute("href"), { from: link });
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const source = document.querySelector(copy.dataset.copy);
      navigator.clipboard.writeText(source.textContent).then(() => { copy.textContent = copy.dataset.done; });
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-once]");
    if (!form) return;
    if (form.getAttribute("aria-busy") === "true") return event.preventDefault();
    form.setAttribute("aria-busy", "true");
    if (holding && form.dataset.hold) {
      // Whoever is quicker than the answer would be told that the time is taken: by themselves.
      event.preventDefault();
      Promise.race([holding, new Promise((resolve) => setTimeout(resolve, 3000))]).then(() => {
        holding = null;
        form.removeAttribute("aria-busy");
        form.requestSubmit(event.submitter);
      });
    }
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-send]");
    if (form) form.requestSubmit();
  });

  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  document.addEventListener("input", (event) => {
    const list = event.target.dataset.filter && document.querySelector(event.target.dataset.filter);
    if (!list) return;
    const words = fold(event.target.value).split(/[\s/]+/).filter(Boolean);
    let found = 0;
    for (const row of list.children) {
      row.hidden = !words.every((word) => row.dataset.words.includes(word));
      found += row.hidden ? 0 : 1;
    }
    document.querySelector("[data-none]").hidden = found > 0;
  });

  // The month is one stop of the Tab key, as grids are; arrows, Home, End and the Page keys move within it.
  const days = () => [...document.querySelectorAll(".days .free")];
  function asGrid() {
    const table = document.querySelector(".days");
    if (!table) return;
    table.setAttribute("role", "grid");
    table.setAttribute("aria-labelledby", "month-title");
    for (const cell of table.querySelectorAll("tbody td")) if (!cell.querySelector("a")) cell.setAttribute("aria-disabled", "true");
    const free = days();
    const stop = free.find((day) => day === document.activeElement) || free.find((day) => day.hasAttribute("aria-current")) || free[0];
    for (const day of free) day.tabIndex = day === stop ? 0 : -1;
  }

  function nextDay(day, key) {
    const free = days(), week = [...day.closest("tr").querySelectorAll("a")];
    if (key === "Home") return week[0];
    if (key === "End") return week[week.length - 1];
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[key], at = Number(day.textContent) + step;
    if (step < 0) return free.filter((one) => Number(one.textContent) <= at).pop();
    return free.find((one) => Number(one.textContent) >= at);
  }

  const KEYS = /^(Arrow(Left|Right|Up|Down)|Home|End|Page(Up|Down))$/;
  document.addEventListener("keydown", (event) => {
    const day = event.target.closest(".days .free");
    if (!day || !KEYS.test(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (event.key.startsWith("Page")) return document.getElementById(event.key === "PageUp" ? "earlier" : "later")?.click();
    const next = nextDay(day, event.key);
    if (!next) return document.getElementById(/Left|Up/.test(event.key) ? "earlier" : "later")?.focus();
    day.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  window.addEventListener("popstate", () => visit(location.pathname + location.search, { replace: true }));
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[aria-busy]")) form.removeAttribute("aria-busy");
  });
  begin();
})();
