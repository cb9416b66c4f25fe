// A day's rollout of a candidate, 1,000 times over, under two rules. Numbers in numbers/canary.js.

import { range, slider } from "./controls.js";
import { explore } from "./explorer.js";
import { HOURS, RATE, ROLLOUTS, canary } from "./numbers/canary.js";
import { Plot } from "./plot.js";
import { chance, count, number, ofHundred, percent } from "./words.js";

const CONTROLS = [
  slider({
    key: "share", label: "Share of users with the candidate", start: 0.05, told: (share) => percent(share),
    values: [0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5],
  }),
  slider({
    key: "requests", label: "Requests a day", values: [5000, 10000, 20000, 50000, 100000, 200000, 500000],
    start: 100000, told: (requests) => number(requests),
  }),
  slider({
    key: "looks", label: "Looks a day", values: [1, 2, 3, 4, 6, 8, 12, 20, 24, 48, 96], start: 20,
    told: String,
  }),
  slider({ key: "metrics", label: "Metrics looked at", values: [1, 2, 3, 4, 5], start: 3, told: String }),
  slider({
    key: "minimum", label: "Requests of the candidate before the corrected rule decides",
    values: [0, 100, 200, 500, 1000, 2000, 5000], start: 500, told: (requests) => number(requests),
  }),
  slider({
    key: "budget", label: "Budget: bad answers may rise by", values: range(0, 1, 0.1), start: 0,
    told: (share) => percent(share),
  }),
  slider({
    key: "rate", label: "Bad answers of the sick candidate (today: 1 %)", values: range(0.01, 0.05, 0.001),
    start: 0.02, told: (rate) => percent(rate, 1),
  }),
];

const hours = (time) => (time === null ? "never" : `${time.toFixed(1)} hours`);

/** Whether the candidate gets enough requests on the day for the corrected rule to decide at all. */
const decides = ({ canary: each }, { looks, minimum }) => each * looks >= minimum;

function says(found, setting) {
  const { healthy, sick, allAtOnce } = found;
  const good = `Of 100 healthy releases, ${ofHundred(healthy.naive.back)} would be rolled back by the naive rule `
    + `and ${ofHundred(healthy.corrected.back)} by the corrected one. `;
  if (!decides(found, setting)) {
    return `${good}But the candidate gets only ${number(found.canary * setting.looks)} requests a day, fewer than the `
      + `minimum of ${number(setting.minimum)}: the corrected rule never decides.`;
  }
  if (setting.rate <= RATE) return `${good}The other candidate is as good as today's model here, so its `
    + "rollbacks are false alarms too.";
  const { back, hours: time, harmHalf, harmMost } = sick.corrected;
  const bad = `Of 100 candidates with ${percent(setting.rate, 1)} bad answers, the corrected rule rolls back `
    + `${ofHundred(back)}`;
  const when = time === null ? ". " : `, half of those within ${hours(time)}. `;
  return `${good}${bad}${when}Users get ${number(harmHalf)} extra bad answers by then (in 95 of 100 rollouts at most `
    + `${number(harmMost)}); a release to all at once gives them ${number(allAtOnce)} in a day.`;
}

function curves(name) {
  return (width, found, { looks }) => {
    const { naive, corrected } = found[name];
    const plot = new Plot({
      width, height: 230, x: [0, HOURS], y: [0, 1],
      says: `Share of ${name} candidates rolled back by the hour. At the end of the day: naive rule `
        + `${chance(naive.back)}, corrected rule ${chance(corrected.back)}.`,
    });
    const points = ({ byLook }) => [
      ...byLook.map((share, look) => [(look * HOURS) / looks, share]), [HOURS, byLook.at(-1)]];
    return plot.across([0, 0.25, 0.5, 0.75, 1], (share) => percent(share))
      .below([0, 6, 12, 18, 24], String, "hours since the start")
      .stairs(points(naive), "bad").stairs(points(corrected), "good dashed").svg;
  };
}

function numbers(found, setting) {
  const { healthy, sick, allAtOnce, alpha, canary: each } = found;
  const rules = (told, one, other) => ({ told: told(one), more: `naive rule: ${told(other)}` });
  return [
    {
      key: "false",
      term: "Healthy, rolled back all the same",
      ...rules(chance, healthy.corrected.back, healthy.naive.back),
    },
    { key: "caught", term: "Sick, rolled back", ...rules(chance, sick.corrected.back, sick.naive.back) },
    { key: "hours", term: "Time to roll back (median)", ...rules(hours, sick.corrected.hours, sick.naive.hours) },
    {
      key: "harm", term: "Extra bad answers, 95 % of rollouts at most",
      ...rules((harm) => number(harm), sick.corrected.harmMost, sick.naive.harmMost),
    },
    {
      key: "once",
      term: "Extra bad answers in a day, all at once",
      told: number(allAtOnce),
      more: `${percent(setting.rate - RATE, 1)} of all requests`,
    },
    {
      key: "alpha", term: "Each test of the corrected rule", told: percent(alpha, 3),
      more: `5 % / (${count(setting.looks, "look")} × ${count(setting.metrics, "metric")}), exact binomial; `
        + `${count(each, "candidate request")} between looks`,
    },
  ];
}

const TWO = () => [["bad", "naive rule"], ["good dashed", "corrected rule"]];

export function start(host) {
  explore(host, {
    name: "canary",
    title: "When should a canary be rolled back?",
    intro: `${number(ROLLOUTS)} simulated days of each kind. Every metric counts one kind of bad answer, 1 % `
      + "today; a sick candidate gives more of the first kind. Naive rule: roll back when z is above 1.645 "
      + "on any metric at any look. Corrected rule: an exact test, its 5 % divided by looks × metrics, after "
      + "a minimum of requests.",
    controls: CONTROLS,
    work: canary,
    says,
    panels: [
      { title: "Healthy: rolled back so far", legend: TWO, draw: curves("healthy") },
      { title: "Sick: rolled back so far", legend: TWO, draw: curves("sick") },
    ],
    numbers,
  });
}
