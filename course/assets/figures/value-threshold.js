// When is it worth acting on a score? Costs, threshold, skill; numbers in numbers/value.js.

import { range, slider } from "./controls.js";
import { html } from "./elements.js";
import { explore } from "./explorer.js";
import { DECISIONS, value, worth } from "./numbers/value.js";
import { Plot, ticks } from "./plot.js";
import { number, percent, rupiah } from "./words.js";

const CONTROLS = [
  slider({
    key: "threshold", label: "Act when the probability is at least", values: range(0.01, 0.99, 0.01),
    start: 0.5, told: (share) => percent(share),
  }),
  slider({
    key: "falseAlarm", label: "A false alarm costs (a delivery for nothing)", values: range(10, 500, 10),
    start: 60, told: rupiah,
  }),
  slider({
    key: "miss", label: "A miss costs (drinks not sold)", values: range(10, 500, 10),
    start: 240, told: rupiah,
  }),
  slider({
    key: "baseRate", label: "Base rate: milk would run out on", values: range(0.01, 0.6, 0.01),
    start: 0.1, told: (share) => `${percent(share)} of mornings`,
  }),
  slider({
    key: "skill", label: "Skill of the score (AUC; 0.5 is a coin)", values: range(0.5, 0.99, 0.01),
    start: 0.8, told: (skill) => skill.toFixed(2),
  }),
];

const GRID = range(0.005, 0.995, 0.005);

function atBest({ best }, { threshold }) {
  return Math.abs(threshold - best) < 0.005;
}

function says(found, setting) {
  const { counts, worth: mine, always, best, bestWorth } = found;
  const needed = counts.hits + counts.misses;
  const start = `Acting from ${percent(setting.threshold)} on: of 1,000 mornings, ${number(counts.hits)} of the `
    + `${number(needed)} with need are found, and ${number(counts.alarms)} deliveries go out for nothing. `;
  const money = Math.abs(mine) < 0.5 ? "That is worth no more and no less than doing nothing. "
    : `That is worth ${rupiah(Math.abs(mine))} ${mine > 0 ? "more" : "less"} than doing nothing. `;
  const beaten = always > Math.max(0, mine) + 0.5 ? "Acting every morning would be better still "
    + `(${rupiah(always)}). ` : "";
  if (bestWorth < 0.5) return `${start}${money}With this skill no threshold does better than doing nothing.`;
  const advice = atBest(found, setting)
    ? `This is the best threshold for these costs, to the nearest percent.`
    : `The best threshold for these costs is ${percent(best)}: worth ${rupiah(bestWorth)}.`;
  return start + money + beaten + advice;
}

/** Lowest and highest value that a picture can show, in million rupiah: the best threshold fills it. */
function span({ bestWorth, always, perfect }) {
  const high = 1.25 * Math.max(bestWorth, always, 0.05 * perfect) / 1000;
  return [-0.8 * high, high];
}

/** The part of that span which is needed. */
function needed(found, values) {
  const [low, high] = span(found);
  const lowest = Math.min(-0.06 * high, 1.1 * Math.min(...values, found.always / 1000));
  return [Math.max(low, lowest), high];
}

function curve(width, found, setting) {
  const points = GRID.map((threshold) => [threshold, worth({ ...setting, threshold }) / 1000]);
  const [low, high] = needed(found, points.map(([, y]) => y));
  const plot = new Plot({
    width, height: 260, x: [0, 1], y: [low, high], left: 52, top: 18,
    says: `Value by threshold, in million rupiah for 1,000 mornings. ${says(found, setting)}`,
  });
  const steps = ticks(low, high, 5);
  const digits = steps.some((step) => Math.abs(step - Math.round(step)) > 1e-9) ? 1 : 0;
  plot.across(steps, (step) => number(step, digits))
    .below([0, 0.25, 0.5, 0.75, 1], (share) => percent(share), "act when the probability is at least …")
    .rule({ y: 0 }, "soft");
  if (found.always / 1000 > low) plot.rule({ y: found.always / 1000 }, "mild dashed");
  plot.line(points, "good")
    .rule({ x: found.best }, "good dashed")
    .rule({ x: setting.threshold }, "ink")
    .dot(setting.threshold, found.worth / 1000, "ink");
  return plot.svg;
}

function legend(found) {
  const outside = found.always / 1000 <= span(found)[0];
  return [
    ["good", "acting on the score"],
    ["mild dashed", outside ? "acting every morning (below the picture)" : "acting every morning"],
    ["soft", "doing nothing"],
    ["good dashed", "best threshold"],
    ["ink", "your threshold"],
  ];
}

function table(_, { counts }, { falseAlarm, miss }) {
  const cell = (kind, key, amount, words, cost) => html("td", { class: kind },
    html("strong", { "data-number": key }, number(amount)), ` ${words}`,
    cost ? html("span", { class: "cost" }, rupiah(cost)) : null);
  const head = html("thead", {}, html("tr", {}, html("td"),
    html("th", { scope: "col" }, "milk would run out"), html("th", { scope: "col" }, "it would not")));
  const body = html("tbody", {},
    html("tr", {}, html("th", { scope: "row" }, "we act"),
      cell("good", "hits", counts.hits, "found"),
      cell("mild", "alarms", counts.alarms, "false alarms", -counts.alarms * falseAlarm)),
    html("tr", {}, html("th", { scope: "row" }, "we wait"),
      cell("bad", "misses", counts.misses, "missed", -counts.misses * miss),
      cell("quiet", "quiet", counts.quiet, "rightly quiet")));
  return html("table", { class: "confusion" }, head, body);
}

function numbers(found, setting) {
  const { worth: mine, overAlways, best, perfect } = found;
  const { falseAlarm, miss } = setting;
  return [
    {
      key: "best",
      term: "Best threshold",
      told: percent(best, 1),
      more: `${falseAlarm} / (${falseAlarm} + ${miss}); skill and base rate do not move it`,
    },
    {
      key: "worth",
      term: "Against doing nothing",
      told: rupiah(mine),
      more: `expected, for ${number(DECISIONS)} mornings`,
    },
    { key: "overAlways", term: "Against acting every morning", told: rupiah(overAlways) },
    {
      key: "share",
      term: "Of what knowing in advance is worth",
      told: percent(mine / perfect),
      more: `that would be ${rupiah(perfect)}`,
    },
  ];
}

function newsvendor({ best }, { falseAlarm, miss }) {
  return [html("p", {}, html("strong", {}, "The same ratio orders stock. "),
    `If one litre too many cost ${rupiah(falseAlarm)} and one too few ${rupiah(miss)}, you would order the `
    + `${percent(1 - best, 1)} quantile of the demand, not its mean: ${miss} / (${miss} + ${falseAlarm}), `
      + "the newsvendor's rule.")];
}

export function start(host) {
  explore(host, {
    name: "value-threshold",
    title: "When is it worth acting on a score?",
    intro: "Each morning a model says for every outlet how probable it is that milk will run out. Acting "
      + "means an extra delivery, which prevents it.",
    controls: CONTROLS,
    work: value,
    says,
    panels: [
      { title: "Value, in million rupiah", legend, draw: curve },
      { title: "What happens on 1,000 mornings", draw: table },
    ],
    numbers,
    after: newsvendor,
  });
}
