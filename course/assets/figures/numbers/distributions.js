// Chances that the figures need beside the normal ones: chi-square with 9 degrees of freedom, the
// two-sample Kolmogorov-Smirnov test, the binomial. Compared with SciPy in
// tests/course/test_figures_numbers.py: error under 1e-10.

import { density, tail } from "./normal.js";

/** 95th percentile of chi-square with 9 degrees of freedom (found again in the tests). */
export const CHI_SQUARE_9_95 = 16.918977604620448;

/** P(chi-square with 9 degrees of freedom > x); closed form for odd degrees: Abramowitz and Stegun,
 * 26.4.4. */
export function chiSquare9Tail(x) {
  if (x <= 0) return 1;
  const root = Math.sqrt(x);
  const sum = root * (1 + (x / 3) * (1 + (x / 5) * (1 + x / 7)));
  return 2 * tail(root) + 2 * density(root) * sum;
}

/** P(D >= steps / n) without drift, two samples of n rows each, no ties. Exact: B. V. Gnedenko and
 * V. S. Korolyuk, 1951: 2 * sum over j >= 1 of (-1)^(j+1) C(2n, n - j steps) / C(2n, n). */
export function ksTail(n, steps) {
  if (steps <= 0) return 1;
  let sum = 0;
  let ratio = 1; // C(2n, n - i) / C(2n, n)
  let sign = 2;
  for (let i = 1; i <= n && ratio > 1e-20; i += 1) {
    ratio *= (n - i + 1) / (n + i);
    if (i % steps === 0) {
      sum += sign * ratio;
      sign = -sign;
    }
  }
  return Math.min(1, Math.max(0, sum));
}

/** The smallest count of steps with ksTail(n, steps) <= alpha; n + 1 when there is none. */
export function ksLimit(n, alpha) {
  let low = 1;
  let high = n + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ksTail(n, middle) <= alpha) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** n times D, from two sorted arrays of n: the largest distance of their counts, as a whole number. */
export function ksSteps(first, second, shift = 0) {
  const n = first.length;
  let steps = 0;
  let i = 0;
  let j = 0;
  while (i < n && j < n) {
    if (first[i] <= second[j] + shift) i += 1;
    else j += 1;
    const apart = i > j ? i - j : j - i;
    if (apart > steps) steps = apart;
  }
  return steps;
}

/** Chances of a binomial count from `first` on, weights relative to the mode, so that nothing
 * overflows; what is under 1e-18 of the mode is cut. */
export function binomial(n, p) {
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const odds = p / (1 - p);
  const down = [];
  for (let k = mode, weight = 1; k > 0 && weight > 1e-18; k -= 1) {
    weight *= k / ((n - k + 1) * odds);
    down.push(weight);
  }
  const up = [];
  for (let k = mode, weight = 1; k < n && weight > 1e-18; k += 1) {
    weight *= ((n - k) * odds) / (k + 1);
    up.push(weight);
  }
  const weights = [...down.reverse(), 1, ...up];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { first: mode - down.length, chances: weights.map((weight) => weight / total) };
}

/** P(count <= first + i) for each i, the last one 1; for drawing counts from uniform numbers. */
export function binomialSteps(n, p) {
  const { first, chances } = binomial(n, p);
  let sum = 0;
  const steps = Float64Array.from(chances, (chance) => (sum += chance));
  steps[steps.length - 1] = 1;
  return { first, steps };
}

/** The count that a uniform number stands for. */
export function drawCount({ first, steps }, u) {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (u <= steps[middle]) high = middle;
    else low = middle + 1;
  }
  return first + low;
}

/** The smallest k with P(count >= k) <= alpha; n + 1 when there is none. */
export function binomialLimit(n, p, alpha) {
  const { first, chances } = binomial(n, p);
  let sum = 0;
  let at = chances.length - 1;
  while (at >= 0 && sum + chances[at] <= alpha) {
    sum += chances[at];
    at -= 1;
  }
  return first + at + 1;
}
