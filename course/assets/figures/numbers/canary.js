// Rollouts of a candidate beside the present model, many at a time, under a naive rule and a
// corrected one. The same numbers in Python: scripts/figures/numbers/canary.py.
//
// Every metric counts one kind of bad answer; the present model gives one bad answer in a hundred,
// the candidate more of the first kind. The rules compare the counts of both arms so far. Given the
// sum K of both, the candidate's count is Binomial(K, share) when the rates are equal, nearly exactly
// for rare events (J. Przyborowski and H. Wilenski, Biometrika 31, 1940).

import { binomialLimit, binomialSteps, drawCount } from "./distributions.js";
import { quantile } from "./normal.js";
import { stream, uniform } from "./random.js";

export const RATE = 0.01;
export const ALPHA = 0.05;
export const ROLLOUTS = 1000;
export const HOURS = 24;
export const Z_NAIVE = quantile(1 - ALPHA);

/** Requests of both arms between two looks, and the candidate's share of all bad answers at the
 * edge of the budget: it may give `budget` times more of them. */
export function plan({ requests, share, looks, budget }) {
  const each = Math.floor(requests / looks);
  const canary = Math.max(1, Math.round(each * share));
  const present = each - canary;
  const allowed = 1 + budget;
  return { canary, present, part: (allowed * canary) / (allowed * canary + present) };
}

/** The naive rule: z above 1.645 on any metric at any look, whatever the number of requests. */
export function naiveAlarm(count, total, part) {
  return total > 0 && count - total * part > Z_NAIVE * Math.sqrt(total * part * (1 - part));
}

/** The corrected rule: exact binomial test, 5 % shared among all looks and metrics (Bonferroni).
 * Limits are kept, since the same totals come again. */
export function correctedRule({ looks, metrics }, part) {
  const alpha = ALPHA / (looks * metrics);
  const limits = new Map();
  return (count, total) => {
    if (!limits.has(total)) limits.set(total, binomialLimit(total, part, alpha));
    return count >= limits.get(total);
  };
}

/** Look of the rollback under each rule for one rollout; 0 when it is promoted. */
function rollout(setting, { canary, part }, tables, corrected, key) {
  const { looks, metrics, minimum } = setting;
  const counts = new Array(metrics).fill(0);
  const totals = new Array(metrics).fill(0);
  const stop = { naive: 0, corrected: 0 };
  for (let look = 1; look <= looks && !(stop.naive && stop.corrected); look += 1) {
    const enough = look * canary >= minimum;
    for (let metric = 0; metric < metrics; metric += 1) {
      const index = 2 * ((look - 1) * metrics + metric);
      const bad = drawCount(metric ? tables.healthy : tables.first, uniform(key, index));
      counts[metric] += bad;
      totals[metric] += bad + drawCount(tables.present, uniform(key, index + 1));
      const [count, total] = [counts[metric], totals[metric]];
      if (!stop.naive && naiveAlarm(count, total, part)) stop.naive = look;
      if (!stop.corrected && enough && corrected(count, total)) stop.corrected = look;
    }
  }
  return stop;
}

/** ROLLOUTS rollouts of a candidate with this rate of bad answers of the first kind. */
export function rollouts(setting, rate, seed) {
  const sizes = plan(setting);
  const tables = {
    first: binomialSteps(sizes.canary, rate),
    healthy: binomialSteps(sizes.canary, RATE),
    present: binomialSteps(sizes.present, RATE),
  };
  const corrected = correctedRule(setting, sizes.part);
  return Array.from({ length: ROLLOUTS }, (_, at) =>
    rollout(setting, sizes, tables, corrected, stream(seed, at)));
}

/** Value with `share` of the sorted values at or below it: the smallest such one. */
export function percentile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** What one rule did: rolled back how many, after how many hours, at what cost to users. A rollout
 * that is never rolled back reaches the end of the day. */
export function outcome(stops, setting, rate) {
  const { looks } = setting;
  const { canary } = plan(setting);
  const backs = stops.filter((look) => look > 0).sort((one, two) => one - two);
  const lasts = stops.map((look) => look || looks).sort((one, two) => one - two);
  const harm = (look) => look * canary * (rate - RATE);
  const byLook = Array.from({ length: looks + 1 }, (_, look) =>
    backs.filter((one) => one <= look).length / stops.length);
  return {
    back: backs.length / stops.length,
    byLook,
    hours: backs.length ? (percentile(backs, 0.5) * HOURS) / looks : null,
    harmHalf: harm(percentile(lasts, 0.5)),
    harmMost: harm(percentile(lasts, 0.95)),
  };
}

/** Everything the figure shows: healthy candidates, and candidates with `rate`. */
export function canary(setting) {
  const told = (name, stops, rate) => outcome(stops.map((stop) => stop[name]), setting, rate);
  const healthy = rollouts(setting, RATE, 1);
  const sick = rollouts(setting, setting.rate, 2);
  const { canary: each, present } = plan(setting);
  return {
    canary: each,
    present,
    alpha: ALPHA / (setting.looks * setting.metrics),
    healthy: { naive: told("naive", healthy, RATE), corrected: told("corrected", healthy, RATE) },
    sick: { naive: told("naive", sick, setting.rate), corrected: told("corrected", sick, setting.rate) },
    allAtOnce: Math.floor(setting.requests / setting.looks) * setting.looks * (setting.rate - RATE),
  };
}
