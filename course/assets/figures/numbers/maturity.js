// Twelve statements about a team, and what follows from the answers: a picture by area, Google's
// level by stated rules, next steps. The rules in Python: scripts/figures/numbers/maturity.py.
//
// Levels after Google Cloud, "MLOps: continuous delivery and automation pipelines in machine
// learning": 0 manual, 1 the pipeline is automatic, 2 its building and delivery are automatic too.

export const ANSWERS = ["not yet", "in part", "always"];
export const UNANSWERED = -1;
const YES = ANSWERS.length - 1;

/** key, area, level that asks for it (0: none does), statement, next step, page of the course. */
const ROWS = [
  ["metric", "People", 0, "Business, experts and technical people agreed on one key metric and on what it is worth.",
    "Agree on a key metric, and estimate what the model is worth.", "design/key-metrics"],
  ["owner", "People", 0, "Every model in use has a named owner, and a page that says what to do when it fails.",
    "Name an owner for each model, and write down what to do when it fails.", "introduction/people"],
  ["tracking", "Training", 1, "For every model we know data, code, parameters and seed, and can train it again.",
    "Record every training run: data, code, parameters, seed, metrics.", "development/experiment-tracking"],
  ["gate", "Data", 1, "New data pass a gate before they are used; bad rows are set aside with a reason.",
    "Put a gate before the data.", "development/data-quality"],
  ["features", "Data", 1, "Training and serving compute features with the same code, or read them from one store.",
    "Compute features once, for training and for serving.", "development/feature-stores"],
  ["validation", "Training", 1, "A new model replaces the old one only if it is better on data that neither has seen.",
    "Compare every new model with the one in use, on fresh days.", "development/training"],
  ["pipeline", "Training", 1, "From raw data to a validated model in use, no hand touches the keyboard.",
    "Join the steps into one pipeline that runs without hands.", "deployment/pipelines"],
  ["trigger", "Monitoring", 1, "Training starts by itself: by schedule, with new data, or after an alarm.",
    "Let a schedule, new data or an alarm start the training.", "monitoring/responding"],
  ["tests", "Delivery", 2, "Every change of code is linted and tested by a machine before it is merged.",
    "Test every change of code by a machine (CI).", "deployment/ci-cd"],
  ["delivery", "Delivery", 2, "A tested change of the pipeline reaches staging, then production, by machine.",
    "Deliver pipeline and model by machine, through staging (CD).", "deployment/ci-cd"],
  ["watching", "Monitoring", 2, "Inputs, and errors once labels come, are watched; an alarm reaches a person.",
    "Watch inputs and errors, and send the alarm to a person.", "monitoring/watching"],
  ["rollout", "Delivery", 0, "A new model meets few users first, and goes back by itself when it is worse.",
    "Show a new model to few users first, with a rule for going back.", "deployment/strategies"],
];

export const STATEMENTS = ROWS.map(([key, area, level, text, step, page]) => (
  { key, area, level, text, step, page }));
export const AREAS = ["People", "Data", "Training", "Delivery", "Monitoring"];

/** Share of the points of each area; no answer gives no point. */
export function byArea(answers) {
  return AREAS.map((area) => {
    const points = answers.filter((_, at) => STATEMENTS[at].area === area);
    return points.reduce((sum, answer) => sum + Math.max(0, answer), 0) / (YES * points.length);
  });
}

/** What keeps a team from a level: statements of that level or below that are not "always". */
export function missing(answers, level) {
  return STATEMENTS.filter((one, at) => one.level > 0 && one.level <= level && answers[at] !== YES);
}

/** Google's level: 2 when all statements of levels 1 and 2 are "always", 1 when all of level 1 are. */
export function level(answers) {
  if (missing(answers, 2).length === 0) return 2;
  return missing(answers, 1).length === 0 ? 1 : 0;
}

/** Up to `most` next steps: what the next level asks for first, then the rest, in the order above. */
export function nextSteps(answers, most = 3) {
  const now = level(answers);
  const blocking = missing(answers, now + 1);
  const others = STATEMENTS.filter((one, at) => answers[at] !== YES && !blocking.includes(one));
  return [...blocking, ...others].slice(0, most);
}

/** Everything the figure shows. */
export function maturity(answers) {
  return {
    areas: byArea(answers),
    level: level(answers),
    missing: missing(answers, Math.min(2, level(answers) + 1)).length,
    answered: answers.filter((answer) => answer !== UNANSWERED).length,
    always: answers.filter((answer) => answer === YES).length,
    steps: nextSteps(answers).map(({ key }) => key),
  };
}
