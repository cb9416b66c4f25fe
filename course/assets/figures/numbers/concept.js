// Weeks of sales in which the inputs move, or the relation, or both, seen by two alarms: a test on
// the inputs and a limit on the error. The same numbers in Python: scripts/figures/numbers/concept.py.
//
// The truth: units = 120 + slope z + bend (z^2 - 1) + noise, z the share of app orders in standard
// units. The model: the best straight line for the reference, 120 + 15 z; it never learns again.

import { ksSteps, ksTail } from "./distributions.js";
import { normals, stream } from "./random.js";

export const LEVEL = 120;
export const SLOPE = 15;
export const NOISE = 12;
export const BEND = 6;
export const WEEKS = 12; // before the change, and after it
export const LAST = 4; // weeks on each side that the test on inputs compares
export const ALPHA = 0.01;
export const T_11 = 4.024701037600937; // Student's t, 11 degrees of freedom, 99.9th percentile

/** The world after the change: inputs moved by so many SD, the relation weakened by this share. */
export function after({ inputs, relation, curved }) {
  return { mean: inputs, slope: SLOPE * (1 - relation), bend: curved ? BEND : 0 };
}

/** What the model says. */
export function model(z) {
  return LEVEL + SLOPE * z;
}

/** What is true, without noise. */
export function truth(z, { slope, bend }) {
  return LEVEL + slope * z + bend * (z * z - 1);
}

/** Expected squared error for z ~ N(m, 1), from the moments of the normal distribution:
 * E(z^2 - 1)^2 = m^4 + 4 m^2 + 2, E z (z^2 - 1) = m^3 + 2 m, E z^2 = m^2 + 1. */
export function expectedError({ mean: m, slope, bend }) {
  const off = slope - SLOPE;
  const squares = bend * bend * (m ** 4 + 4 * m * m + 2);
  const mixed = 2 * off * bend * (m ** 3 + 2 * m);
  return Math.sqrt(NOISE * NOISE + squares + mixed + off * off * (m * m + 1));
}

/** One week: inputs and the root of the mean squared error of the model. */
export function week(at, world, { rows, draw }) {
  const inputs = normals(stream(draw, 2 * at), rows).map((z) => z + world.mean);
  const noise = normals(stream(draw, 2 * at + 1), rows);
  let sum = 0;
  inputs.forEach((z, row) => {
    sum += (truth(z, world) + NOISE * noise[row] - model(z)) ** 2;
  });
  return { inputs, error: Math.sqrt(sum / rows) };
}

/** Limit for one more week: mean + t s sqrt(1 + 1/12) of the weeks before the change, a one-sided
 * 99.9 % prediction limit for normal errors (W. A. Shewhart's idea with Student's t; see
 * G. J. Hahn and W. Q. Meeker, Statistical Intervals, 1991). */
export function errorLimit(errors) {
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const squares = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0);
  const spread = Math.sqrt(squares / (errors.length - 1));
  return mean + T_11 * spread * Math.sqrt(1 + 1 / errors.length);
}

/** Everything the figure shows: KS test of the last weeks' inputs against those before the change,
 * weekly errors, and which of them are known now (labels come `delay` weeks later). */
export function concept(setting) {
  const { curved, delay } = setting;
  const before = after({ inputs: 0, relation: 0, curved });
  const world = after(setting);
  const weeks = Array.from({ length: 2 * WEEKS }, (_, at) =>
    week(at, at < WEEKS ? before : world, setting));
  const pool = (from) => Float64Array.from(
    weeks.slice(from, from + LAST).flatMap(({ inputs }) => [...inputs])).sort();
  const [reference, current] = [pool(WEEKS - LAST), pool(2 * WEEKS - LAST)];
  const steps = ksSteps(reference, current);
  const errors = weeks.map(({ error }) => error);
  const limit = errorLimit(errors.slice(0, WEEKS));
  const known = errors.slice(WEEKS, 2 * WEEKS - delay);
  const first = known.findIndex((error) => error > limit);
  return {
    reference, current, errors, limit, world, before,
    ks: steps / reference.length,
    p: ksTail(reference.length, steps),
    known: known.length,
    above: known.filter((error) => error > limit).length,
    seenAfter: first < 0 ? null : first + 1 + delay,
    expectedBefore: expectedError(before),
    expectedAfter: expectedError(world),
  };
}
