// How far apart are two samples, and when is it an alarm? Numbers in numbers/drift.js.

import { range, redraw, slider } from "./controls.js";
import { explore } from "./explorer.js";
import { drift, falseAlarm, ALPHA, SHIFTS, USUAL_ALARM, WINDOWS } from "./numbers/drift.js";
import { Plot } from "./plot.js";
import { chance, count, number, ofHundred, percent, pValue, raised } from "./words.js";

const COLUMNS = [1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100];
const CONTROLS = [
  slider({
    key: "shift", label: "Shift of the column", values: [...SHIFTS], start: 0.3,
    told: (shift) => `${shift.toFixed(2)} SD`,
  }),
  slider({
    key: "rows", label: "Rows, before and now", values: [50, 100, 200, 500, 1000, 2000], start: 500,
    told: (rows) => number(rows),
  }),
  slider({ key: "columns", label: "Columns that are watched", values: COLUMNS, start: 8, told: String }),
  redraw({ key: "draw", label: "Draw new samples" }),
];
const BARS = range(-3.5, 4.5, 0.25);

function says(found, { shift, rows, columns }) {
  const { alone, bonferroni, noticed, correctedNoticed } = found;
  const quiet = `Take 100 windows in which nothing moved. With ${count(columns, "column")} of ${number(rows)} rows, `
    + `${ofHundred(alone.any)} of them raise a false alarm`;
  const corrected = columns > 1 ? `, ${ofHundred(bonferroni.any)} after Bonferroni's correction. ` : ". ";
  if (shift === 0) return `${quiet}${corrected}Nothing has moved here: every alarm is a false one.`;
  const both = `${noticed} windows without and ${correctedNoticed} with the correction`;
  const seen = columns > 1 ? both : `${noticed} windows`;
  return `${quiet}${corrected}A shift of ${shift.toFixed(2)} SD is noticed in ${seen}, of ${WINDOWS} drawn anew.`;
}

/** Share of the sample in each bar; what lies beyond the ends belongs to the outermost bars. */
function shares(sample) {
  const found = new Array(BARS.length - 1).fill(0);
  for (const x of sample) {
    const bar = Math.floor((x - BARS[0]) / 0.25);
    found[Math.max(0, Math.min(found.length - 1, bar))] += 1 / sample.length;
  }
  return found;
}

function histograms(width, found, { shift }) {
  const [before, now] = [shares(found.reference), shares(found.current)];
  const high = Math.max(...before, ...now) * 1.08;
  const plot = new Plot({
    width, height: 220, x: [BARS[0], BARS.at(-1)], y: [0, high], left: 14,
    says: `Two histograms, the present sample shifted by ${shift.toFixed(2)} SD: PSI `
      + `${found.psi.toFixed(3)}, KS distance ${found.ks.toFixed(3)}.`,
  });
  plot.below([-3, -2, -1, 0, 1, 2, 3, 4], String, "value of the column, in SD of the reference");
  const steps = (heights) => [
    [BARS[0], 0], ...heights.map((share, at) => [BARS[at], share]), [BARS.at(-1), 0]];
  return plot.under(steps(now), "fill mild").stairs(steps(before), "good").svg;
}

function alarms(width, { alone, bonferroni }, { rows, columns }) {
  const plot = new Plot({
    width, height: 230, x: [1, 100], y: [0, 1],
    says: `Chance of a false alarm among the columns: at ${columns} it is ${chance(alone.any)} without and `
      + `${chance(bonferroni.any)} with the correction.`,
  });
  const all = Array.from({ length: 100 }, (_, at) => at + 1);
  plot.across([0, 0.25, 0.5, 0.75, 1], (share) => percent(share))
    .below([1, 25, 50, 75, 100], String, "columns that are watched")
    .line(all.map((k) => [k, falseAlarm(rows, k, ALPHA).any]), "bad")
    .line(COLUMNS.map((k) => [k, falseAlarm(rows, k, ALPHA / k).any]), "good dashed")
    .rule({ x: columns }, "soft dotted")
    .dot(columns, alone.any, "bad").dot(columns, bonferroni.any, "good");
  return plot.svg;
}

function power(width, found, { shift, columns }) {
  const { noticed, correctedNoticed } = found;
  const plot = new Plot({
    width, height: 230, x: [0, 1], y: [0, 1],
    says: `Share of ${WINDOWS} windows in which the shift is noticed: ${noticed} without and `
      + `${correctedNoticed} with the correction for ${columns} columns.`,
  });
  const points = (curve) => SHIFTS.map((one, at) => [one, curve[at] / WINDOWS]);
  plot.across([0, 0.25, 0.5, 0.75, 1], (share) => percent(share))
    .below([0, 0.25, 0.5, 0.75, 1], String, "shift of the column, in SD")
    .line(points(found.curve), "bad")
    .line(points(found.correctedCurve), "good dashed")
    .rule({ x: shift }, "soft dotted")
    .dot(shift, noticed / WINDOWS, "bad").dot(shift, correctedNoticed / WINDOWS, "good");
  return plot.svg;
}

function numbers(found, { shift, rows, columns }) {
  const { quietAbove, usual, usualQuiet, psi, psiEndless, psiNull, ks, p } = found;
  const { alone, bonferroni, noticed, correctedNoticed } = found;
  const sure = psi > psiNull.limit ? "above" : "below";
  return [
    {
      key: "psi", term: "PSI of this draw, ten bins", told: psi.toFixed(3),
      more: `${sure} ${psiNull.limit.toFixed(3)} = (1/n + 1/m)·χ²₉, the limit for 5 % of windows without `
        + `drift (${quietAbove} of ${WINDOWS} drawn ones exceed it); with endless rows this shift has `
        + `${psiEndless.toFixed(3)}`,
    },
    {
      key: "usual", term: `Usual alarm (PSI above ${USUAL_ALARM}), without drift`, told: `${usualQuiet} of ${WINDOWS}`,
      more: `windows (by the formula ${chance(psiNull.usual)}); with this shift ${usual} of ${WINDOWS}; `
        + `in this draw it ${psi > USUAL_ALARM ? "rings" : "is silent"}`,
    },
    {
      key: "ks", term: "KS distance of this draw", told: ks.toFixed(3),
      more: `p-value ${pValue(p)}; limit ${percent(ALPHA)}, or ${percent(ALPHA / columns, 2)} after the correction`,
    },
    {
      key: "any", term: `False alarm somewhere, ${count(columns, "column")}`, told: chance(alone.any),
      more: `each alone ${chance(alone.each)}; at most 1 − 0.95${raised(columns)} = ${chance(alone.bound)}`,
    },
    {
      key: "bonferroni",
      term: "The same, corrected",
      told: chance(bonferroni.any),
      more: "each column is tested at 5 % divided by the number of columns",
    },
    {
      key: "noticed",
      term: shift ? "Shift noticed" : "Alarms of one column, no shift",
      told: `${noticed} of ${WINDOWS}`,
      more: `${correctedNoticed} of ${WINDOWS} after the correction`,
    },
  ];
}

const TWO = () => [["bad", "each column at 5 %"], ["good dashed", "corrected (Bonferroni)"]];

export function start(host) {
  explore(host, {
    name: "drift",
    title: "Has the column moved, or is it chance?",
    intro: "The same column twice: what the model learnt from, and what comes in now. Rows and columns are "
      + "independent here; rows of one day or one shop are not, and alarm more often.",
    controls: CONTROLS,
    work: drift,
    says,
    panels: [
      {
        title: "One draw of both samples", wide: true, draw: histograms,
        legend: () => [["good", "before (reference)"], ["fill mild", "now"]],
      },
      { title: "Chance of a false alarm somewhere", legend: TWO, draw: alarms },
      { title: `Shift noticed, in ${WINDOWS} windows`, legend: TWO, draw: power },
    ],
    numbers,
  });
}
