// What acting on a score is worth, in thousand rupiah for 1,000 decisions.
//
// The score: normal with mean 0 where no action is needed and mean d where it is, both with SD 1, so
// AUC = Phi(d / sqrt 2) (D. Bamber, 1975); it is told as the probability that action is needed,
// by Bayes' rule. For such a score the best threshold is false alarm / (false alarm + miss)
// (C. Elkan, "The foundations of cost-sensitive learning", IJCAI 2001).
// The same numbers in Python: scripts/figures/numbers/value.py.

import { cumulative, quantile } from "./normal.js";

export const DECISIONS = 1000;

/** Distance of the two means that gives this AUC. */
export function separation(skill) {
  return Math.SQRT2 * quantile(skill);
}

/** The threshold on the probability at which acting and waiting cost the same. */
export function bestThreshold({ falseAlarm, miss }) {
  return falseAlarm / (falseAlarm + miss);
}

/** Share of the cases with need (hit) and without need (alarm) in which the score makes us act. */
export function rates({ threshold, baseRate, skill }) {
  const d = separation(skill);
  if (d < 1e-9) {
    const act = baseRate >= threshold ? 1 : 0;
    return { hit: act, alarm: act };
  }
  const odds = (share) => Math.log(share / (1 - share));
  const cut = (odds(threshold) - odds(baseRate)) / d + d / 2;
  return { hit: cumulative(d - cut), alarm: cumulative(-cut) };
}

/** Expected value against doing nothing. */
export function worth(setting) {
  const { baseRate, falseAlarm, miss } = setting;
  const { hit, alarm } = rates(setting);
  return DECISIONS * (baseRate * hit * miss - (1 - baseRate) * alarm * falseAlarm);
}

/** Everything the figure shows. Counts are expected ones, rounded so that their sums stay whole. */
export function value(setting) {
  const { baseRate, falseAlarm, miss } = setting;
  const { hit, alarm } = rates(setting);
  const needed = Math.round(DECISIONS * baseRate);
  const hits = Math.round(needed * hit);
  const alarms = Math.round((DECISIONS - needed) * alarm);
  const best = bestThreshold(setting);
  const always = DECISIONS * (baseRate * miss - (1 - baseRate) * falseAlarm);
  const mine = worth(setting);
  return {
    hit,
    alarm,
    counts: { hits, misses: needed - hits, alarms, quiet: DECISIONS - needed - alarms },
    worth: mine,
    always,
    overAlways: mine - always,
    perfect: DECISIONS * baseRate * miss,
    best,
    bestWorth: worth({ ...setting, threshold: best }),
  };
}
