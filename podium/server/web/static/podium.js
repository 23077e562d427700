// What the pages do in the browser beside htmx: the token of forms, live parts, themes, times, styles of pictures.
"use strict";
(() => {
  const root = document.documentElement;

  // Forms that htmx sends bring the token against forgery in a header.
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf"]').content;
  });

  // What cannot be done is told where what is done is told.
  const say = (text, isBad) => {
    const line = document.createElement("p");
    line.className = `said ${isBad ? "is-bad" : "is-good"}`;
    line.textContent = text;
    document.getElementById("said").replaceChildren(line);
  };

  // A session that is over takes away nothing that was typed: one signs in beside this page, comes back and goes on.
  let isOver = false;
  let seenAt = Date.now();
  const over = () => {
    isOver = true;
    say("Your session is over. ", true);
    const link = document.createElement("a");
    Object.assign(link, { href: `/signin?next=${encodeURIComponent(location.pathname + location.search)}`, target: "_blank" });
    link.textContent = "Sign in in another tab";
    document.querySelector("#said p").append(link, " and come back: what you have typed here stays.");
  };
  // Whether the session goes on, which a new token proves; undefined where the server is away.
  const renewed = async () => {
    const answer = await fetch(location.href).catch(() => say(AWAY, true));
    if (!answer) return undefined;
    if (!answer.ok || new URL(answer.url).pathname === "/signin") return false;
    const token = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('meta[name="csrf"]').content;
    document.querySelector('meta[name="csrf"]').content = token;
    for (const each of document.querySelectorAll('input[name="csrf"]')) each.value = token;
    seenAt = Date.now();
    return true;
  };
  addEventListener("focus", async () => {
    if (!isOver || !await renewed()) return;
    isOver = false;
    document.getElementById("said").replaceChildren();
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) return over();
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    say(page.querySelector("[data-error] p")?.textContent || `The server answered ${event.detail.xhr.status}.`, true);
  });
  // A form that comes back with its faults is shown, too.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (xhr.status !== 400 || !target.matches("form.generated")) return;
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    if (page.querySelector("form.generated")) Object.assign(event.detail, { shouldSwap: true, isError: false });
  });
  const AWAY = "The server does not answer. This page shows what it said last.";
  document.addEventListener("htmx:sendError", () => say(AWAY, true));

  // A second click while the answer to the first is under way does nothing a second time.
  let isSent = false;
  const STALE = 45 * 60 * 1000; // a session lasts an hour
  addEventListener("submit", async (event) => {
    const { target, submitter } = event;
    if (event.defaultPrevented || target.method !== "post") return;
    if ("asksWho" in document.body.dataset && (isOver || Date.now() - seenAt > STALE)) {
      event.preventDefault();
      const goesOn = await renewed();
      if (goesOn) target.requestSubmit(submitter); else if (goesOn === false) over();
      return;
    }
    if (isSent) event.preventDefault();
    isSent = true;
  });
  addEventListener("pageshow", () => { isSent = false; });
  // What answers a form has no address: to go back to it, or to load it anew, shows the page of the form, and sends nothing twice.
  if (document.body.dataset.cameFrom) history.replaceState(null, "", document.body.dataset.cameFrom);

  // Themes: as the system has it, or as chosen; the server knows the choice by a cookie, so that no page flashes.
  const themes = ["auto", "light", "dark"];
  const button = document.querySelector("[data-theme-switch]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const chosen = themes[(themes.indexOf(root.dataset.theme || "auto") + 1) % themes.length];
      if (chosen === "auto") {
        delete root.dataset.theme;
        delete root.dataset.jpThemeLight;
      } else {
        root.dataset.theme = chosen;
        root.dataset.jpThemeLight = String(chosen === "light");
      }
      document.cookie = `podium_theme=${chosen}; path=/; max-age=31536000; samesite=lax`;
      button.querySelector("span").textContent = chosen;
    });
  }

  // The menu stands open where there is room beside the page.
  const menu = document.querySelector(".menu");
  const wide = matchMedia("(min-width: 900px)");
  const unfold = () => { if (menu) menu.open = wide.matches; };
  wide.addEventListener("change", unfold);
  unfold();

  // Times in the zone of the browser.
  const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  const ago = (ms) => {
    const seconds = Math.abs(ms) / 1000;
    const [number, unit] = seconds < 60 ? [seconds, "s"] : seconds < 3600 ? [seconds / 60, "min"]
      : seconds < 86400 ? [seconds / 3600, "h"] : [seconds / 86400, "d"];
    return ms < 0 ? `in ${Math.floor(number)} ${unit}` : `${Math.floor(number)} ${unit} ago`;
  };
  const times = (within) => {
    for (const each of within.querySelectorAll("time[datetime]")) {
      const moment = new Date(each.dateTime);
      const told = absolute.format(moment);
      if ("ago" in each.dataset) {
        each.title = told;
        each.textContent = ago(Date.now() - moment);
      } else {
        each.textContent = told;
      }
    }
  };
  setInterval(() => { if (!document.hidden) times(document); }, 10000);

  // On a phone a row stands as lines; a table stays one for who hears it, whatever its boxes are.
  const lay = () => {
    for (const table of document.querySelectorAll(".table:not(.numbers) > table:not(.lies)")) {
      if (!table.tHead) continue;
      const labels = [...table.tHead.rows[0].cells].map((each) => (each.querySelector(".visually-hidden, input") ? "" : each.textContent.trim()));
      table.classList.add("lies");
      table.setAttribute("role", "table");
      for (const row of table.rows) {
        row.setAttribute("role", "row");
        const isHead = row.parentNode === table.tHead;
        row.parentNode.setAttribute("role", "rowgroup");
        [...row.cells].forEach((cell, at) => {
          cell.setAttribute("role", isHead ? "columnheader" : cell.tagName === "TH" ? "rowheader" : "cell");
          if (isHead) return;
          cell.dataset.label = row.cells.length === labels.length ? labels[at] : "";
          cell.classList.toggle("is-nothing", ["", "–"].includes(cell.textContent.trim()) && !cell.querySelector("svg, input, button, img"));
        });
      }
    }
  };

  // The styles of a picture of its own: the policy refuses them in the markup, whoever writes it.
  const sheets = new Map();
  const dress = () => {
    const wanted = new Set([...document.querySelectorAll("[data-rules]")].map((each) => each.dataset.rules));
    for (const rules of wanted) {
      if (!sheets.has(rules)) {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(rules);
        sheets.set(rules, sheet);
      }
    }
    for (const rules of sheets.keys()) if (!wanted.has(rules)) sheets.delete(rules);
    document.adoptedStyleSheets = [...sheets.values()];
  };

  // What somebody has typed or chosen in a part, and not sent: to load the part anew would take it away.
  const isTouched = (part) => [...part.querySelectorAll("input, textarea, select")].some((each) => {
    if (each.matches("[data-kept]")) return false; // whoever draws the part keeps it
    if (each.matches("select")) return each.selectedIndex !== Math.max(0, [...each.options].findIndex((one) => one.defaultSelected));
    return each.matches("[type=checkbox], [type=radio]") ? each.checked !== each.defaultChecked : each.value !== each.defaultValue;
  });

  // Live parts: an element with data-live names a stream; the parts in it that have hx-trigger="live" load anew.
  // A browser has six connections to a server, for all its tabs: one that nobody looks at holds none.
  const follow = () => {
    for (const each of document.querySelectorAll("[data-live]")) {
      if (each.stream) continue;
      if (document.hidden) { each.isLate = true; continue; }
      const stream = each.stream = new EventSource(each.dataset.live);
      const ended = new AbortController();
      each.rest = () => { stream.close(); ended.abort(); clearTimeout(each.away); each.stream = null; };
      // What takes long to make is asked for less often: it must not take more than a quarter of the time.
      let pause = 0;
      const refresh = () => {
        if (!each.isConnected) return stream.close();
        if (document.hidden || pause) { each.isLate = true; return; }
        const began = performance.now();
        for (const part of each.querySelectorAll('[hx-trigger~="live"]')) {
          if (isTouched(part)) { each.isLate = true; continue; }
          part.addEventListener("htmx:afterRequest", () => {
            clearTimeout(pause);
            pause = setTimeout(() => {
              pause = 0;
              if (each.isLate) { each.isLate = false; refresh(); }
            }, Math.max(Number(each.dataset.least || 0), 4 * (performance.now() - began)));
          }, { once: true });
          htmx.trigger(part, "live");
        }
      };
      let isFirst = true;
      stream.addEventListener("changed", (event) => {
        // The first event of a run that has ended tells what the page knows.
        const isKnown = isFirst && each.dataset.ended !== undefined && event.data.endsWith(` ${each.dataset.ended}`);
        isFirst = false;
        if (!isKnown) refresh();
      });
      stream.addEventListener("open", () => {
        clearTimeout(each.away);
        each.setAttribute("data-is-live", "");
        // Nobody has told what happened meanwhile.
        if (each.wasAway || each.isLate) { each.isLate = false; refresh(); }
        each.wasAway = false;
        if (document.getElementById("said").textContent === AWAY) document.getElementById("said").replaceChildren();
      });
      stream.addEventListener("error", () => {
        each.removeAttribute("data-is-live");
        if (!each.wasAway) each.away = setTimeout(() => say(AWAY, true), 3000);
        each.wasAway = true;
        // Where a proxy answers for the server, the browser does not try again by itself.
        if (stream.readyState === EventSource.CLOSED) setTimeout(() => { if (each.stream === stream) { each.rest(); follow(); } }, 3000);
      });
      stream.addEventListener("gone", () => { stream.close(); say("This run has been deleted.", true); });
      const late = () => {
        if (!document.hidden && each.isLate && each.isConnected) { each.isLate = false; refresh(); }
      };
      for (const name of ["change", "focusout"]) document.addEventListener(name, late, { signal: ended.signal });
    }
  };
  const leave = () => {
    for (const each of document.querySelectorAll("[data-live]")) {
      if (!each.stream) continue;
      each.rest();
      each.removeAttribute("data-is-live");
      each.wasAway = false;
      each.isLate = true;
    }
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : follow()));
  addEventListener("pagehide", leave);
  addEventListener("pageshow", follow);

  // A part that is put in the place of another leaves open what was open, and the focus where it was.
  let opened = new Map();
  let focused = null;
  const told = (each) => each.getAttribute("href") || each.name || each.getAttribute("aria-label") || each.textContent.trim();
  document.addEventListener("htmx:beforeSwap", (event) => {
    // What somebody has begun to do in a part since it was asked for stays: the part is asked for again after that.
    const { target, requestConfig } = event.detail;
    if (requestConfig.elt === target && target.matches('[hx-trigger~="live"]') && (isTouched(target) || target.querySelector(":active"))) {
      event.detail.shouldSwap = false;
      target.closest("[data-live]").isLate = true;
      return;
    }
    opened = new Map([...event.detail.target.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
    const active = document.activeElement;
    focused = event.detail.target.contains(active) ? { id: active.id, tag: active.tagName, told: told(active) } : null;
  });
  const refocus = () => {
    if (!focused || document.activeElement !== document.body) return;
    const same = () => [...document.querySelectorAll(`main ${focused.tag}`)].find((each) => told(each) === focused.told);
    (focused.id ? document.getElementById(focused.id) : same())?.focus({ preventScroll: true });
  };
  const settle = (within) => {
    times(within);
    lay();
    dress();
    follow();
  };
  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, isOpen] of opened) {
      const there = document.getElementById(id);
      if (there) there.open = isOpen;
    }
    refocus();
    settle(document);
  });

  // Dialogs: what htmx puts into one is shown; a button with data-close, and Escape, close it.
  const dialog = document.getElementById("dialog");
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target === dialog && dialog.childElementCount && !dialog.open) dialog.showModal();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) dialog.close();
    const cleared = event.target.closest("[data-clear]");
    if (cleared) document.querySelector(cleared.dataset.clear).replaceChildren();
  });
  // What looks like a button is one for the keyboard, too.
  document.addEventListener("keydown", (event) => {
    const button = event.key === " " && event.target.closest('a[role="button"]');
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
  // Forms that choose what is shown.
  document.addEventListener("change", (event) => {
    event.target.form?.matches("[data-submit-on-change]") && event.target.form.requestSubmit();
  });
  dialog?.addEventListener("close", () => dialog.replaceChildren());

  settle(document);
})();
