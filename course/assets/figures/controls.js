// The inputs of a figure, all of them native: slider, choice, tick, and a button that draws again.
// A control knows its key, its first value, how it stands in the address, and how to build itself.

import { html } from "./elements.js";

let built = 0;

/** Whole list of a slider's values from `from` to `to`. */
export function range(from, to, step) {
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, at) =>
    Number((from + at * step).toFixed(digits)));
}

/** A slider over a rising list of values; `told(value)` is what its output and a screen reader say. */
export function slider({ key, label, values, start, told }) {
  const nearest = (given) => {
    const wanted = Math.min(given, values.at(-1));
    return values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best));
  };
  return {
    key,
    start,
    told: String,
    parse: (text) => (/^\d+(\.\d+)?$/.test(text) ? nearest(Number(text)) : undefined),
    build(change) {
      const id = `explorer-${(built += 1)}`;
      const input = html("input", {
        id, type: "range", min: 0, max: values.length - 1, step: 1, name: key,
      });
      const output = html("output", { for: id, "aria-live": "off" }); // the slider says it already
      input.addEventListener("input", () => change(key, values[Number(input.value)]));
      const show = (value) => {
        input.value = String(values.indexOf(value));
        input.setAttribute("aria-valuetext", told(value));
        output.textContent = told(value);
      };
      const head = html("div", { class: "row-head" }, html("label", { for: id }, label), output);
      return { element: html("div", { class: "row" }, head, input), show };
    },
  };
}

/** One of a few: radio buttons under a question, in pieces. Without `start` none is chosen at first. */
export function choice({ key, label, options, start = "", wide = false }) {
  const values = options.map(([value]) => value);
  return {
    key,
    start,
    told: String,
    parse: (text) => (values.includes(text) ? text : undefined),
    build(change) {
      const name = `explorer-${(built += 1)}`;
      const inputs = values.map((value, at) => html("input", {
        id: `${name}-${at}`, type: "radio", name, value,
      }));
      inputs.forEach((input) => input.addEventListener("change", () => change(key, input.value)));
      const labels = inputs.map((input, at) => html("label", { for: input.id }, input, options[at][1]));
      const show = (value) => inputs.forEach((input) => { input.checked = input.value === value; });
      const row = html("div", { class: "options" }, ...labels);
      const kind = wide ? "row wide" : "row";
      return { element: html("fieldset", { class: kind }, html("legend", {}, ...label), row), show };
    },
  };
}

/** Yes or no. */
export function tick({ key, label, start = false }) {
  return {
    key,
    start,
    told: (value) => (value ? "1" : "0"),
    parse: (text) => ({ 0: false, 1: true })[text],
    build(change) {
      const id = `explorer-${(built += 1)}`;
      const input = html("input", { id, type: "checkbox", name: key });
      input.addEventListener("change", () => change(key, input.checked));
      const show = (value) => { input.checked = value; };
      const text = html("label", { for: id, class: "tick" }, input, label);
      return { element: html("div", { class: "row" }, text), show };
    },
  };
}

/** A button that goes on to the next draw of random numbers, and says which one is shown. */
export function redraw({ key, label, most = 99 }) {
  let now = 1;
  return {
    key,
    start: 1,
    told: String,
    parse: (text) => (/^[1-9]\d?$/.test(text) && Number(text) <= most ? Number(text) : undefined),
    build(change) {
      const button = html("button", { type: "button", class: "md-button" }, label);
      const output = html("output", { "aria-live": "off" });
      button.addEventListener("click", () => change(key, (now % most) + 1));
      const show = (value) => {
        now = value;
        output.textContent = `draw ${value}`;
      };
      return { element: html("div", { class: "row draw" }, button, output), show };
    },
  };
}
