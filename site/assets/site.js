// Additions only: every page works without this file. No request leaves the page; the search index is a script.
"use strict";

const root = document.body.dataset.root;

function kept(key, value) {
  // A private window may keep nothing; then nothing is remembered.
  try {
    if (value === undefined) return localStorage.getItem(`lab:${key}`);
    if (value === null) localStorage.removeItem(`lab:${key}`);
    else localStorage.setItem(`lab:${key}`, value);
  } catch { /* see above */ }
  return null;
}

function element(tag, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...inside);
  return made;
}

// --- copy buttons ---

function codeOf(pre) {
  if (!pre.parentElement.classList.contains("shell")) return pre.textContent;
  const lines = pre.textContent.split("\n");
  const prompted = lines.filter((line) => line.startsWith("$ "));
  return prompted.length ? prompted.map((line) => line.slice(2)).join("\n") : pre.textContent;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not every browser gives pages in files a clipboard.
    const area = element("textarea", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function addCopyButtons() {
  for (const pre of document.querySelectorAll(".code > pre")) {
    const label = pre.getAttribute("aria-label");
    const button = element("button", { className: "copy", type: "button", textContent: "Copy" });
    button.setAttribute("aria-label", `Copy ${label}`);
    button.addEventListener("click", async () => {
      await copy(codeOf(pre));
      button.textContent = "Copied";
      button.classList.add("done");
      setTimeout(() => { button.textContent = "Copy"; button.classList.remove("done"); }, 2000);
    });
    pre.after(button);
  }
}

// --- light and dark ---

const THEMES = { "": ["◐", "as the system"], light: ["☀", "light"], dark: ["☾", "dark"] };

function showTheme(button, theme) {
  const [sign, name] = THEMES[theme] || THEMES[""];
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  button.textContent = sign;
  button.setAttribute("aria-label", `Colours: ${name}`);
}

function addThemes() {
  const button = document.getElementById("theme");
  const order = Object.keys(THEMES);
  showTheme(button, kept("theme") || "");
  button.addEventListener("click", () => {
    const now = document.documentElement.dataset.theme || "";
    const next = order[(order.indexOf(now) + 1) % order.length];
    kept("theme", next || null);
    showTheme(button, next);
  });
}

// --- ticking off steps ---

function addTicks() {
  for (const steps of document.querySelectorAll("[data-steps]")) {
    steps.classList.add("with-ticks");
    const items = [...steps.children].filter((one) => one.tagName === "OL").flatMap((list) => [...list.children]);
    items.forEach((item, number) => {
      const key = `step:${steps.dataset.steps}:${number + 1}`;
      const box = element("input", { type: "checkbox", className: "tick", checked: kept(key) === "done" });
      box.setAttribute("aria-label", `Step ${number + 1} is done`);
      const show = () => item.classList.toggle("ticked", box.checked);
      box.addEventListener("change", () => { kept(key, box.checked ? "done" : null); show(); });
      item.classList.add("tickable");
      item.prepend(box);
      show();
    });
  }
}

// --- search ---

let dialog = null;

function loadIndex() {
  if (window.labSearchIndex) return Promise.resolve();
  return new Promise((loaded, failed) => {
    const script = element("script", { src: `${root}assets/search-index.js`, onload: loaded, onerror: failed });
    document.head.append(script);
  });
}

function found(words) {
  const hits = [];
  for (const [page, section, address, shown, others] of window.labSearchIndex) {
    const title = `${page} ${section}`.toLowerCase();
    const text = `${shown.toLowerCase()} ${others}`;
    let weight = 0;
    for (const word of words) {
      if (title.includes(word)) weight += 5;
      else if (text.includes(word)) weight += 1;
      else { weight = 0; break; }
    }
    if (weight) hits.push({ weight, page, section, address, shown });
  }
  return hits.sort((one, other) => other.weight - one.weight).slice(0, 12);
}

function showHits(input, list, status) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = words.length && window.labSearchIndex ? found(words) : [];
  list.replaceChildren(...hits.map(({ page, section, address, shown }) => {
    const link = element("a", { href: root + address });
    link.append(element("b", { textContent: section ? `${section} · ${page}` : page }), element("span", { textContent: shown }));
    link.addEventListener("click", () => dialog.close());
    return element("li", {}, link);
  }));
  status.textContent = !words.length ? "" : hits.length === 1 ? "1 place found" : `${hits.length} places found`;
}

function makeSearch() {
  const input = element("input", { type: "search", autocomplete: "off", spellcheck: false });
  const list = element("ol");
  const status = element("p", { className: "badge" });
  status.setAttribute("role", "status");
  const close = element("button", { type: "button", textContent: "Close" });
  const label = element("label", {}, "Search all pages", input);
  dialog = element("dialog", { className: "search" }, element("div", { className: "row" }, label, close), status, list);
  dialog.setAttribute("aria-label", "Search");
  close.addEventListener("click", () => dialog.close());
  input.addEventListener("input", () => showHits(input, list, status));
  dialog.addEventListener("keydown", (event) => {
    // A search field would only empty itself.
    if (event.key === "Escape") { event.preventDefault(); dialog.close(); }
    if (event.key === "Enter" && event.target === input) list.querySelector("a")?.click();
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [input, ...list.querySelectorAll("a")];
    const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    stops[Math.max(0, Math.min(next, stops.length - 1))].focus();
    event.preventDefault();
  });
  document.body.append(dialog);
  loadIndex().then(() => showHits(input, list, status), () => { status.textContent = "the index could not be loaded"; });
}

function openSearch() {
  if (!dialog) makeSearch();
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input").focus();
}

function addSearch() {
  document.getElementById("open-search").addEventListener("click", openSearch);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    openSearch();
  });
}

// --- the state of the attendee's checks, when `lab open` or `lab site serve` shows the page ---

function showState(state) {
  for (const place of document.querySelectorAll("[data-exercise]")) {
    const one = state[place.dataset.exercise];
    if (!one) continue;
    if (place.classList.contains("state")) showVerdict(place, one);
    else if (place.tagName === "A") showBadge(place, one);
    else place.dataset.state = one.state;
  }
}

function showBadge(link, one) {
  link.querySelector(".badge")?.remove();
  const badge = element("span", { className: "badge", textContent: one.state });
  badge.dataset.outcome = one.state === "passed" ? "pass" : one.outcome;
  link.append(badge);
}

function showVerdict(place, one) {
  const lines = [element("p", {}, element("strong", { textContent: one.headline }), ` ${one.counts}`)];
  for (const check of one.wrong) {
    lines.push(element("p", { textContent: `${check.name}: ${check.message}` }));
    if (check.hint) lines.push(element("p", { textContent: `Next: ${check.hint}` }));
  }
  place.dataset.outcome = one.outcome;
  place.replaceChildren(...lines);
  place.hidden = false;
}

function showProblem(text) {
  document.querySelector(".notice")?.remove();
  if (!text) return;
  const notice = element("p", { className: "notice", textContent: text });
  notice.setAttribute("role", "alert");
  document.body.append(notice);
}

function addState() {
  const live = document.querySelector("script[data-live]");
  if (!live) return;
  const events = new EventSource(live.dataset.live);
  events.addEventListener("state", (event) => showState(JSON.parse(event.data)));
  events.addEventListener("problem", (event) => showProblem(JSON.parse(event.data)));
  events.addEventListener("pages", (event) => {
    // The first one says which pages these are; another one says that there are newer ones.
    if (live.dataset.pages && live.dataset.pages !== event.data) location.reload();
    live.dataset.pages = event.data;
  });
  addEventListener("pagehide", () => events.close());
}

// A shadow at the right edge where code or a table goes on: a phone shows no scrollbar.
function addScrollMarks() {
  for (const box of document.querySelectorAll("pre, .table")) {
    const look = () => box.classList.toggle("more", box.scrollWidth - box.clientWidth - box.scrollLeft > 2);
    box.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(box);
  }
}

for (const tools of document.querySelectorAll("[data-needs-script]")) tools.hidden = false;
addScrollMarks();
addCopyButtons();
addThemes();
addTicks();
addSearch();
addState();
