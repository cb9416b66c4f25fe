/* Remembers, in this browser alone, which pages were read, which questions were answered right and
   which labs were handed in. Nothing is sent. The page start/progress saves it to a file and reads
   it back. */
"use strict";

(() => {
  const KEY = "mlops-course:progress";
  const VERSION = 1;
  const TOP = new URL("..", document.currentScript.src);
  const CHAPTERS = /^(introduction|design|development|deployment|monitoring|maturity)\/(?!index\.)[\w-]+\.html$/;
  const LAB = /^labs\/(\d\d-[\w-]+)\.html$/;

  /* What is kept: pages and labs with the day of their tick, questions with true. */
  const empty = () => ({ version: VERSION, read: {}, answers: {}, labs: {} });

  const isTable = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

  /* Returns only what has the right form, or null when it is no progress at all. */
  const checked = (value) => {
    if (!isTable(value) || value.version !== VERSION) return null;
    const good = empty();
    for (const kind of ["read", "answers", "labs"]) {
      if (!isTable(value[kind])) return null;
      for (const [name, one] of Object.entries(value[kind])) {
        const fits = kind === "answers" ? one === true : /^\d{4}-\d\d-\d\d$/.test(one);
        if (fits && /^[\w/.-]{1,120}$/.test(name)) good[kind][name] = one;
      }
    }
    return good;
  };

  const load = () => {
    try {
      return checked(JSON.parse(localStorage.getItem(KEY))) ?? empty();
    } catch {
      return empty();
    }
  };

  const save = (state) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(state));
      return true;
    } catch {
      return false; /* a private window, or no room: the page works, it only forgets */
    }
  };

  const today = () => new Date().toLocaleDateString("sv-SE"); /* the local day as YYYY-MM-DD */
  const addressOf = (url) =>
    url.origin === TOP.origin && url.pathname.startsWith(TOP.pathname)
      ? url.pathname.slice(TOP.pathname.length)
      : "";
  const here = addressOf(new URL(location.href));

  const change = (kind, name, value) => {
    const state = load();
    if (value) state[kind][name] = value;
    else delete state[kind][name];
    save(state);
    show();
  };

  /* ---- showing ---- */

  const mark = (node, isDone) => node.classList.toggle("is-done", isDone);

  const showLinks = (state) => {
    for (const link of document.querySelectorAll(".md-nav--primary a.md-nav__link[href]")) {
      const url = new URL(link.href);
      if (url.hash) continue; /* a heading of this page */
      const address = addressOf(url);
      const lab = LAB.exec(address)?.[1];
      mark(link, address in state.read || (lab !== undefined && lab in state.labs));
    }
    for (const chip of document.querySelectorAll(".map [data-lab]")) {
      mark(chip, chip.dataset.lab in state.labs);
    }
  };

  const showQuestions = (state) => {
    for (const question of document.querySelectorAll(".quiz .question")) {
      const name = `${question.closest(".quiz").dataset.quiz}/${question.dataset.question}`;
      mark(question, name in state.answers);
    }
  };

  const tick = (cell, day) => {
    cell.textContent = day ? `✓ ${day}` : "–";
  };

  const showList = (panel, state) => {
    const count = { pages: 0, pagesOf: 0, right: 0, rightOf: 0, labs: 0, labsOf: 0 };
    for (const row of panel.querySelectorAll("tr[data-page]")) {
      const day = state.read[row.dataset.page];
      tick(row.querySelector(".tick"), day);
      count.pages += day ? 1 : 0;
      count.pagesOf += 1;
      const score = row.querySelector(".score");
      const of = Number(score.dataset.of);
      const names = Object.keys(state.answers);
      const right = names.filter((one) => one.startsWith(`${score.dataset.quiz}/`)).length;
      score.textContent = of ? `${Math.min(right, of)} of ${of} right` : "–";
      count.right += Math.min(right, of);
      count.rightOf += of;
    }
    for (const row of panel.querySelectorAll("tr[data-lab]")) {
      const day = state.labs[row.dataset.lab];
      tick(row.querySelector(".tick"), day);
      count.labs += day ? 1 : 0;
      count.labsOf += 1;
    }
    panel.querySelector(".summary").textContent =
      `Read: ${count.pages} of ${count.pagesOf} pages. ` +
      `Right: ${count.right} of ${count.rightOf} questions. ` +
      `Handed in: ${count.labs} of ${count.labsOf} labs.`;
  };

  const show = () => {
    const state = load();
    showLinks(state);
    showQuestions(state);
    for (const panel of document.querySelectorAll("[data-progress]")) showList(panel, state);
    for (const box of document.querySelectorAll(".ticked input")) {
      box.checked = box.name in state[box.dataset.kind];
    }
  };

  /* ---- ticks at the end of a page ---- */

  const addTick = (kind, name, words) => {
    const article = document.querySelector("article");
    if (!article) return;
    const label = document.createElement("label");
    label.className = "ticked";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.name = name;
    box.dataset.kind = kind;
    box.addEventListener("change", () => change(kind, name, box.checked ? today() : null));
    label.append(box, ` ${words}`);
    article.append(label);
  };

  if (CHAPTERS.test(here)) addTick("read", here, "I have read this page");
  if (LAB.test(here)) addTick("labs", LAB.exec(here)[1], "I have handed this lab in");

  document.addEventListener("course:answer", (event) => {
    const { quiz, question, right } = event.detail;
    if (right) change("answers", `${quiz}/${question}`, true);
  });

  /* ---- the page that lists everything ---- */

  const tell = (panel, words) => {
    const line = panel.querySelector(".summary");
    line.textContent = `${words} ${line.textContent}`;
  };

  const exported = () => {
    const link = document.createElement("a");
    const text = `${JSON.stringify(load(), null, 2)}\n`;
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "mlops-course-progress.json";
    link.click();
    URL.revokeObjectURL(link.href);
  };

  const imported = async (panel, file) => {
    let found = null;
    try {
      found = checked(JSON.parse(await file.text()));
    } catch {
      found = null;
    }
    if (found === null) {
      tell(panel, `${file.name} is no saved progress of this course; nothing was changed.`);
      return;
    }
    const state = load();
    for (const kind of ["read", "answers", "labs"]) {
      state[kind] = { ...found[kind], ...state[kind] };
    }
    const isKept = save(state);
    show();
    tell(panel, isKept ? `Added what ${file.name} holds.` : "This browser does not let pages keep anything.");
  };

  for (const panel of document.querySelectorAll("[data-progress]")) {
    const file = panel.querySelector('input[type="file"]');
    panel.querySelector(".needs-script").hidden = true;
    panel.querySelector(".actions").hidden = false;
    panel.querySelector('[data-do="export"]').addEventListener("click", exported);
    panel.querySelector('[data-do="import"]').addEventListener("click", () => file.click());
    file.addEventListener("change", async () => {
      if (file.files.length) await imported(panel, file.files[0]);
      file.value = "";
    });
    panel.querySelector('[data-do="forget"]').addEventListener("click", () => {
      if (!confirm("Forget all ticks in this browser? There is no way back but a saved file.")) return;
      save(empty());
      show();
      tell(panel, "Forgotten.");
    });
  }

  addEventListener("storage", (event) => {
    if (event.key === KEY) show();
  });
  show();
})();
