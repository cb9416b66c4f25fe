// Inputs that move, a relation that moves, and which alarm hears which. Numbers in numbers/concept.js.

import { range, redraw, slider, tick } from "./controls.js";
import { explore } from "./explorer.js";
import { ALPHA, LAST, WEEKS, concept, model, truth } from "./numbers/concept.js";
import { Plot, ticks } from "./plot.js";
import { count, number, pValue, percent } from "./words.js";

const CONTROLS = [
  slider({
    key: "inputs", label: "Shift of the inputs after week 12", values: range(0, 1.5, 0.1), start: 0,
    told: (shift) => `${shift.toFixed(1)} SD`,
  }),
  slider({
    key: "relation", label: "The relation weakens by", values: range(0, 1.5, 0.1), start: 0.8,
    told: (share) => percent(share),
  }),
  slider({
    key: "rows", label: "Rows a week", values: [25, 50, 100, 200, 400], start: 100,
    told: (rows) => number(rows),
  }),
  slider({
    key: "delay", label: "Labels come after", values: [0, 1, 2, 3, 4, 6, 8], start: 2,
    told: (weeks) => count(weeks, "week"),
  }),
  tick({ key: "curved", label: "The true relation is curved (the model is a straight line)" }),
  redraw({ key: "draw", label: "Draw new weeks" }),
];

/** z -> the share of app orders: mean 30 %, SD 8 %. */
const app = (z) => 30 + 8 * z;

const inputsHeard = ({ p }) => p < ALPHA;
const errorHeard = ({ above }) => above > 0;

/** What to make of it, by whether inputs and error ring. */
const DIAGNOSES = {
  "false,false": "Both alarms are quiet. ",
  "true,false": "The inputs moved, and the model still holds where they went: watch, no panic. ",
  "false,true": "No test on inputs can see this: they look as before. Only labels show it. ",
  "true,true": "Both alarms ring, and they do not say why the error grew. Compare errors where old and new "
    + "inputs overlap. ",
};

/** What happened, by whether inputs and relation moved. */
const TRUTHS = {
  "false,false": "In truth nothing changed.",
  "false,true": "In truth only the relation changed: concept drift.",
  "true,false": "In truth only the inputs changed: data drift.",
  "true,true": "In truth both changed.",
};

function says(found, { inputs: shift, relation: weaker }) {
  const inputs = inputsHeard(found)
    ? `The test on inputs rings (p ${pValue(found.p)}). `
    : `The test on inputs says nothing (p ${pValue(found.p)}). `;
  const error = errorHeard(found)
    ? `The error is above its limit in ${found.above} of the ${found.known} weeks that have labels, first `
      + `known ${count(found.seenAfter, "week")} after the change. `
    : `The error stays under its limit in all ${count(found.known, "week")} that have labels. `;
  const heard = `${inputsHeard(found)},${errorHeard(found)}`;
  return inputs + error + DIAGNOSES[heard] + TRUTHS[`${shift > 0},${weaker > 0}`];
}

const FROM = -3.5;
const TO = 4.75;
const STEP = 0.25;

function shares(sample) {
  const found = new Array(Math.round((TO - FROM) / STEP)).fill(0);
  for (const z of sample) {
    found[Math.max(0, Math.min(found.length - 1, Math.floor((z - FROM) / STEP)))] += 1 / sample.length;
  }
  return found;
}

function inputs(width, found) {
  const [before, now] = [shares(found.reference), shares(found.current)];
  const plot = new Plot({
    width, height: 220, x: [app(FROM), app(TO)], y: [0, Math.max(...before, ...now) * 1.08], left: 14,
    says: `Histograms of the inputs, ${LAST} weeks before the change and the last ${LAST}: KS distance `
      + `${found.ks.toFixed(3)}, p ${pValue(found.p)}.`,
  });
  const edge = (at) => app(FROM + at * STEP);
  plot.below([10, 20, 30, 40, 50, 60], (share) => `${share} %`, "orders through the app");
  const steps = (heights) => [
    [edge(0), 0], ...heights.map((share, at) => [edge(at), share]), [edge(heights.length), 0]];
  return plot.under(steps(now), "fill mild").stairs(steps(before), "good").svg;
}

function relation(width, { before, world }) {
  const grid = range(FROM, TO, 0.25);
  const likely = grid.filter((z) => Math.abs(z - world.mean) <= 2.5);
  const usual = grid.filter((z) => Math.abs(z) <= 2.5);
  const known = [...usual.map((z) => truth(z, before)), ...likely.map((z) => truth(z, world)), ...grid.map(model)];
  const [low, high] = [Math.min(...known) - 5, Math.max(...known) + 5];
  const plot = new Plot({
    width, height: 220, x: [app(FROM), app(TO)], y: [low, high], left: 40,
    says: `What a day sells by its share of app orders: the model, the truth before and the truth now.`,
  });
  const curve = (points, relationOf) => points.map((z) => [app(z), relationOf(z)]);
  plot.across(ticks(low, high, 4), String)
    .below([10, 20, 30, 40, 50, 60], (share) => `${share} %`, "orders through the app")
    .line(curve(grid, model), "ink dotted")
    .line(curve(usual, (z) => truth(z, before)), "good")
    .line(curve(likely, (z) => truth(z, world)), "mild dashed");
  return plot.svg;
}

function errors(width, found, { delay }) {
  const high = Math.max(found.limit, ...found.errors) * 1.12;
  const plot = new Plot({
    width, height: 240, x: [0.5, 2 * WEEKS + 0.5], y: [0, high], left: 40, top: 22,
    says: `Error of the model by week: ${found.above} of ${found.known} weeks with labels after the change `
      + `are above the limit of ${found.limit.toFixed(1)}.`,
  });
  plot.across(ticks(0, high, 4), String)
    .below([1, 6, 12, 18, 24], String, "week")
    .rule({ y: found.limit }, "bad dashed")
    .rule({ x: WEEKS + 0.5 }, "soft dotted")
    .line(found.errors.slice(0, 2 * WEEKS - delay).map((error, at) => [at + 1, error]), "faint");
  found.errors.forEach((error, at) => {
    if (at >= 2 * WEEKS - delay) plot.dot(at + 1, error, "open");
    else if (error > found.limit) plot.cross(at + 1, error, "bad");
    else plot.dot(at + 1, error, "good", 4);
  });
  return plot.text(plot.x(WEEKS + 0.5), 14, "change", "soft").svg;
}

function numbers(found) {
  return [
    {
      key: "p",
      term: "Test on inputs, KS",
      told: `p ${pValue(found.p)}`,
      more: `distance ${found.ks.toFixed(3)}; alarm below ${percent(ALPHA)}`,
    },
    {
      key: "above",
      term: "Weeks above the error's limit",
      told: `${found.above} of ${found.known}`,
      more: `limit ${found.limit.toFixed(1)} units, from the 12 weeks before`,
    },
    {
      key: "expected",
      term: "Expected error, before and after",
      told: `${found.expectedBefore.toFixed(1)} → ${found.expectedAfter.toFixed(1)}`,
      more: "units a day, root of the mean square; 12.0 is noise that no model can remove",
    },
    {
      key: "seen",
      term: "First known",
      told: found.seenAfter === null ? "not yet" : count(found.seenAfter, "week"),
      more: "after the change, labels included",
    },
  ];
}

export function start(host) {
  explore(host, {
    name: "concept-drift",
    title: "Which alarm hears which drift?",
    intro: "A model forecasts an outlet's sales from the share of app orders. It was fitted before week 1, "
      + "on shares around 30 % (SD: 8 points). After week 12 that share may move, or its effect on sales may "
      + "weaken (100 %: none is left).",
    controls: CONTROLS,
    work: concept,
    says,
    panels: [
      {
        title: "Inputs, four weeks each", draw: inputs,
        legend: () => [["good", "weeks 9 to 12"], ["fill mild", "weeks 21 to 24"]],
      },
      {
        title: "Relation: units a day", draw: relation,
        legend: () => [["good", "truth before"], ["mild dashed", "truth now"], ["ink dotted", "model"]],
      },
      {
        title: "Error of the model by week, in units", wide: true, draw: errors,
        legend: () => [
          ["bad dashed", "limit, from weeks 1 to 12"], ["dot good", "a week"],
          ["cross bad", "above the limit"], ["dot open", "no labels yet: not known"],
        ],
      },
    ],
    numbers,
  });
}
