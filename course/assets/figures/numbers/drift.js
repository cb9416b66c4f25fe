// Two samples of one column, how far apart they are, and what tests on many columns do.
// The same numbers in Python: scripts/figures/numbers/drift.py.

import {
  CHI_SQUARE_9_95, chiSquare9Tail, ksLimit, ksSteps, ksTail,
} from "./distributions.js";
import { cumulative, quantile } from "./normal.js";
import { normals, stream } from "./random.js";

export const BINS = 10;
export const ALPHA = 0.05;
export const USUAL_ALARM = 0.2;
export const WINDOWS = 500;
export const SHIFTS = Array.from({ length: 21 }, (_, step) => step / 20);
const REPEATS_SEED = 2026;

/** Draw `draw` of the two samples: SD 1, means 0 and `shift`; sorted. */
export function samples({ shift, rows, draw }) {
  const reference = normals(stream(draw, 0), rows).sort();
  const current = normals(stream(draw, 1), rows).map((x) => x + shift).sort();
  return { reference, current };
}

/** Inner edges of ten bins that hold a tenth of the reference each: linear interpolation, type 7 of
 * R. J. Hyndman and Y. Fan, 1996. */
export function edges(sorted) {
  return Array.from({ length: BINS - 1 }, (_, at) => {
    const place = ((sorted.length - 1) * (at + 1)) / BINS;
    const low = Math.floor(place);
    return sorted[low] + (place - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
  });
}

/** How many values lie in each bin; a value on an edge belongs to the bin above it. */
export function counts(sorted, inner) {
  const found = new Array(inner.length + 1).fill(0);
  let bin = 0;
  for (const x of sorted) {
    while (bin < inner.length && x >= inner[bin]) bin += 1;
    found[bin] += 1;
  }
  return found;
}

/** Population stability index: sum of (q - p) ln(q / p) over the bins, with half a count added to
 * each bin, so that empty bins stay finite (N. Siddiqi, Credit Risk Scorecards, 2006, for the index;
 * half a count: J. B. S. Haldane, 1956). */
export function psi(expected, seen) {
  const share = (found) => {
    const total = found.reduce((sum, count) => sum + count + 0.5, 0);
    return found.map((count) => (count + 0.5) / total);
  };
  const p = share(expected);
  const q = share(seen);
  return p.reduce((sum, _, at) => sum + (q[at] - p[at]) * Math.log(q[at] / p[at]), 0);
}

/** PSI of the whole populations: ten bins of a tenth each under N(0, 1), seen under N(shift, 1). */
export function psiOfShift(shift) {
  let sum = 0;
  for (let bin = 1; bin <= BINS; bin += 1) {
    const upper = cumulative(quantile(bin / BINS) - shift);
    const lower = cumulative(quantile((bin - 1) / BINS) - shift);
    const q = upper - lower;
    sum += (q - 1 / BINS) * Math.log(q * BINS);
  }
  return sum;
}

/** Without drift PSI is about (1/n + 1/m) chi-square with bins - 1 degrees of freedom (B. Yurdakul,
 * "Statistical properties of population stability index", 2018): its 95th percentile, and the
 * chance to lie above the usual alarm. */
export function psiWithoutDrift(rows) {
  const scale = 2 / rows;
  return { limit: scale * CHI_SQUARE_9_95, usual: chiSquare9Tail(USUAL_ALARM / scale) };
}

/** Chance of an alarm somewhere among independent columns without drift, exact KS test each; and
 * the bound 1 - (1 - alpha)^k that holds for any exact test. */
export function falseAlarm(rows, columns, alpha) {
  const size = ksTail(rows, ksLimit(rows, alpha));
  const among = (each) => -Math.expm1(columns * Math.log1p(-each));
  return { each: size, any: among(size), bound: among(alpha) };
}

/** Remember what a function of one number gave. */
function kept(work) {
  const known = new Map();
  return (given) => {
    if (!known.has(given)) known.set(given, work(given));
    return known.get(given);
  };
}

/** WINDOWS pairs of sorted samples without a shift. */
const pairs = kept((rows) => Array.from({ length: WINDOWS }, (_, at) => [
  normals(stream(REPEATS_SEED, 2 * at), rows).sort(),
  normals(stream(REPEATS_SEED, 2 * at + 1), rows).sort(),
]));

/** n D of WINDOWS repeated draws for every one of SHIFTS: an array of arrays. */
export const repeats = kept((rows) =>
  SHIFTS.map((shift) => pairs(rows).map(([one, two]) => ksSteps(one, two, shift))));

/** In how many of the same draws PSI is above a limit. */
export function psiAbove(rows, shift, limit) {
  return pairs(rows).filter(([one, two]) => {
    const inner = edges(one);
    return psi(counts(one, inner), counts(two, inner.map((edge) => edge - shift))) > limit;
  }).length;
}

/** In how many of WINDOWS repeated draws the shifted column is noticed, for every one of SHIFTS. */
export function noticed(rows, alpha) {
  const limit = ksLimit(rows, alpha);
  return repeats(rows).map((found) => found.filter((steps) => steps >= limit).length);
}

/** Everything the figure shows. */
export function drift({ shift, rows, columns, draw }) {
  const { reference, current } = samples({ shift, rows, draw });
  const inner = edges(reference);
  const steps = ksSteps(reference, current);
  const quiet = psiWithoutDrift(rows);
  const at = SHIFTS.findIndex((one) => Math.abs(one - shift) < 1e-9);
  const [curve, corrected] = [noticed(rows, ALPHA), noticed(rows, ALPHA / columns)];
  return {
    reference,
    current,
    psi: psi(counts(reference, inner), counts(current, inner)),
    psiEndless: psiOfShift(shift),
    psiNull: quiet,
    ks: steps / rows,
    p: ksTail(rows, steps),
    alone: falseAlarm(rows, columns, ALPHA),
    bonferroni: falseAlarm(rows, columns, ALPHA / columns),
    curve,
    correctedCurve: corrected,
    quietAbove: psiAbove(rows, 0, quiet.limit),
    usualQuiet: psiAbove(rows, 0, USUAL_ALARM),
    usual: psiAbove(rows, shift, USUAL_ALARM),
    noticed: curve[at],
    correctedNoticed: corrected[at],
  };
}
