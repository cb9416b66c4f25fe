// Where are we? Twelve statements, a picture, next steps. Rules in numbers/maturity.js.

import { choice } from "./controls.js";
import { html } from "./elements.js";
import { explore } from "./explorer.js";
import { ANSWERS, AREAS, STATEMENTS, UNANSWERED, maturity } from "./numbers/maturity.js";
import { Plot } from "./plot.js";
import { count, percent } from "./words.js";

const ROOT = new URL("../../", import.meta.url); // the course's first page
// Pages are files or folders, as this one is.
const ENDING = window.location.pathname.endsWith(".html") ? ".html" : "/";
const OPTIONS = ANSWERS.map((answer, at) => [String(at), answer]);
const CONTROLS = AREAS.flatMap((area) => STATEMENTS.filter((one) => one.area === area).map(({ key, text }) =>
  choice({ key, label: [html("strong", {}, area), ` ${text}`], options: OPTIONS })));
const LEVELS = ["manual", "automatic pipeline", "automatic pipeline and delivery"];

const answers = (setting) => STATEMENTS.map(({ key }) => (setting[key] === "" ? UNANSWERED : Number(setting[key])));

function says({ level, missing, answered, always }) {
  if (answered === 0) return "Nothing is answered yet. Choose what is true today, not what is planned.";
  const open = STATEMENTS.length - answered;
  const start = open ? `${count(open, "statement")} without an answer ${open === 1 ? "counts" : "count"} as `
    + `"not yet". ` : "";
  const now = `You are at Google's level ${level}: ${LEVELS[level]}. `;
  if (level === 2) {
    const rest = STATEMENTS.length - always;
    const others = `${count(rest, "statement")} that no level asks for ${rest === 1 ? "is" : "are"} still open.`;
    return `${start}${now}${rest ? others : "All twelve statements hold."}`;
  }
  return `${start}${now}Level ${level + 1} needs ${count(missing, "more statement")} to be always true.`;
}

function areas(width, { areas: shares }) {
  const height = 44 * AREAS.length + 40;
  const told = AREAS.map((area, at) => `${area} ${percent(shares[at])}`).join(", ");
  const plot = new Plot({
    width, height, x: [0, 1], y: [AREAS.length, 0], left: 92, top: 6, bottom: 34, says: `Points by area: ${told}.`,
  });
  plot.below([0, 0.5, 1], (share) => percent(share), "");
  AREAS.forEach((area, at) => {
    plot.text(plot.left - 8, plot.y(at + 0.5) + 4, area, "", "end");
    plot.block(0, 1, [at + 0.22, at + 0.78], "fill card");
    plot.block(0, shares[at], [at + 0.22, at + 0.78], "fill good");
  });
  return plot.svg;
}

function ladder(_, { level, answered }) {
  const steps = LEVELS.map((words, at) => {
    const here = at === level && answered > 0;
    const kind = { class: at <= level && answered ? "reached" : "", "aria-current": here && "step" };
    const mark = here ? html("span", { class: "here" }, "you are here") : null;
    return html("li", kind, html("strong", {}, `Level ${at}`), ` ${words}`, mark);
  });
  return html("ol", { class: "ladder", reversed: true }, ...steps.reverse());
}

function next({ steps, answered }) {
  if (!steps.length || !answered) return [];
  const items = steps.map((key) => {
    const { step, page } = STATEMENTS.find((one) => one.key === key);
    return html("li", {}, `${step} `, html("a", { href: new URL(`${page}${ENDING}`, ROOT).href }, "Read how"));
  });
  return [html("p", {}, html("strong", {}, "Next steps")), html("ol", {}, ...items)];
}

export function start(host) {
  explore(host, {
    name: "maturity",
    title: "Where are we?",
    intro: "For one model that your team has in use. Nothing is sent or stored: your answers are in the "
      + "address of this page only, so you can keep or share it. Google's levels look at automation alone; "
      + "what they do not ask for counts in the picture.",
    controls: CONTROLS,
    work: (setting) => maturity(answers(setting)),
    says,
    panels: [
      { title: "Points by area", draw: areas },
      { title: "Google's levels", draw: ladder },
    ],
    numbers: ({ answered, always }) => [
      { key: "answered", term: "Answered", told: `${answered} of ${STATEMENTS.length}` },
      { key: "always", term: "Always true", told: `${always} of ${STATEMENTS.length}` },
    ],
    after: next,
  });
}
