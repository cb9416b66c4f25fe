// Draws one picture as SVG, as wide as the place it has, so that its letters are never scaled.
// Colours and strokes are classes of figures.css.

import { svg } from "./elements.js";

let pictures = 0;

/** About `wanted` round numbers from `low` to `high`: steps of 1, 2 or 5 times a power of ten. */
export function ticks(low, high, wanted = 5) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

const at = (value) => value.toFixed(1);

/** One picture: `x` and `y` are [low, high], the margins leave room for the axes. */
export class Plot {
  constructor({ width, height, x, y, left = 46, right = 22, top = 12, bottom = 44, says }) {
    Object.assign(this, { width, height, left, right, top, bottom });
    this.x = this.scale(x, left, width - right);
    this.y = this.scale(y, height - bottom, top);
    const clip = `explorer-clip-${(pictures += 1)}`;
    const size = { x: left, y: top - 2, width: width - left - right, height: height - top - bottom + 4 };
    this.svg = svg("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": says,
    }, svg("defs", {}, svg("clipPath", { id: clip }, svg("rect", size))));
    this.inside = svg("g", { "clip-path": `url(#${clip})` });
    this.outside = svg("g");
    this.svg.append(this.outside, this.inside);
  }

  scale([low, high], from, to) {
    return (value) => from + ((value - low) / (high - low)) * (to - from);
  }

  text(x, y, words, kind = "", anchor = "middle") {
    const made = svg("text", { x: at(x), y: at(y), class: kind, "text-anchor": anchor }, words);
    this.svg.append(made);
    return this;
  }

  /** Lines across, with their numbers on the left. */
  across(values, told) {
    for (const value of values) {
      const y = at(this.y(value));
      this.outside.append(svg("path", { class: "grid", d: `M${this.left} ${y} H${this.width - this.right}` }));
      this.text(this.left - 7, this.y(value) + 4, told(value), "soft", "end");
    }
    return this;
  }

  /** Numbers below, and what they count. */
  below(values, told, title) {
    const y = this.height - this.bottom;
    this.outside.append(svg("path", { class: "base", d: `M${this.left} ${y} H${this.width - this.right}` }));
    for (const value of values) this.text(this.x(value), y + 17, told(value), "soft");
    return this.text((this.left + this.width - this.right) / 2, this.height - 6, title, "soft");
  }

  line(points, kind) {
    const path = points.map(([x, y]) => `${at(this.x(x))},${at(this.y(y))}`).join(" ");
    this.inside.append(svg("polyline", { class: `curve ${kind}`, points: path }));
    return this;
  }

  /** A curve that stays level from each point to the next. */
  stairs(points, kind) {
    return this.line(points.flatMap(([x, y], index) =>
      (index ? [[x, points[index - 1][1]], [x, y]] : [[x, y]])), kind);
  }

  /** What lies under such a curve, down to y = 0, in one piece. */
  under(points, kind) {
    const steps = points.flatMap(([x, y], index) =>
      (index ? [[x, points[index - 1][1]], [x, y]] : [[x, y]]));
    const path = [[points[0][0], 0], ...steps, [points.at(-1)[0], 0]]
      .map(([x, y]) => `${at(this.x(x))},${at(this.y(y))}`).join(" ");
    this.inside.append(svg("polygon", { class: kind, points: path }));
    return this;
  }

  /** A box between two x and two y (upper, lower edge). */
  block(from, to, [upper, lower], kind) {
    const [left, top] = [this.x(from), this.y(upper)];
    const size = { width: at(Math.max(0, this.x(to) - left)), height: at(Math.max(0, this.y(lower) - top)) };
    this.inside.append(svg("rect", { class: kind, x: at(left), y: at(top), ...size }));
    return this;
  }

  dot(x, y, kind, radius = 4.5) {
    this.inside.append(svg("circle", { class: `dot ${kind}`, cx: at(this.x(x)), cy: at(this.y(y)), r: radius }));
    return this;
  }

  /** A cross, for a point that must differ by more than its colour. */
  cross(x, y, kind, radius = 4.5) {
    const [cx, cy] = [this.x(x), this.y(y)];
    const d = `M${at(cx - radius)} ${at(cy - radius)} l${2 * radius} ${2 * radius} m0 ${-2 * radius} `
      + `l${-2 * radius} ${2 * radius}`;
    this.inside.append(svg("path", { class: `cross ${kind}`, d }));
    return this;
  }

  /** A line up at x, or across at y. */
  rule({ x, y }, kind) {
    const d = x === undefined
      ? `M${this.left} ${at(this.y(y))} H${this.width - this.right}`
      : `M${at(this.x(x))} ${this.top} V${this.height - this.bottom}`;
    this.inside.append(svg("path", { class: `rule ${kind}`, d }));
    return this;
  }
}
