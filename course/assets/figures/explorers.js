/* Brings the interactive figures of a page to life: `<div class="explorer" data-explorer="drift">`.
   Each figure is a module that is fetched only where it is used. */
"use strict";

(() => {
  const figures = {
    "value-threshold": () => import("./value-threshold.js"),
    drift: () => import("./drift.js"),
    "concept-drift": () => import("./concept-drift.js"),
    canary: () => import("./canary.js"),
    maturity: () => import("./maturity.js"),
  };

  const tell = (host, words) => {
    const told = document.createElement("p");
    told.className = "explorer-failed";
    told.textContent = words;
    host.replaceChildren(told);
  };

  const start = (host) => {
    const name = host.dataset.explorer;
    if (!Object.hasOwn(figures, name)) {
      tell(host, `There is no interactive figure called "${name}".`);
      return;
    }
    figures[name]().then(
      (module) => module.start(host),
      () => tell(host, "This interactive figure could not be loaded. It needs the pages to come from a web "
        + "server: run python3 -m http.server in their folder."),
    );
  };

  for (const host of document.querySelectorAll(".explorer[data-explorer]")) start(host);
})();
