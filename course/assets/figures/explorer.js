// The frame of every interactive figure: inputs, one sentence that says what the setting means,
// pictures, numbers, and the state in the address. A figure says what to compute and to draw.

import { read, write } from "./address.js";
import { html, svg } from "./elements.js";
import { kept } from "./words.js";

const QUIET = 500; // ms without a change before the address and a screen reader are told

/** What stands beside a picture's title: how each curve or bar looks, and what it is. */
function legend(entries) {
  const look = ([kind, words]) => {
    const marks = {
      fill: () => svg("rect", { class: kind, x: 1, y: 1, width: 20, height: 10 }),
      dot: () => svg("circle", { class: kind, cx: 11, cy: 6, r: 4.5 }),
      cross: () => svg("path", { class: kind, d: "M7 2 l8 8 m0 -8 l-8 8" }),
    };
    const line = () => svg("path", { class: `curve ${kind}`, d: "M0 6 H22" });
    const mark = (marks[kind.split(" ")[0]] || line)();
    const key = svg("svg", { width: 22, height: 12, "aria-hidden": "true" }, mark);
    return html("li", {}, key, words);
  };
  return html("ul", { class: "legend" }, ...entries.map(look));
}

/** A picture under its title; it is drawn again when its width changes. */
function panel({ title, legend: entries, draw, wide }) {
  const place = html("div", { class: "picture" });
  const head = html("p", { class: "panel-title" }, title);
  const keys = html("div");
  const element = html("div", { class: wide ? "panel wide" : "panel" }, head, keys, place);
  let drawn = "";
  const show = (found, setting, force) => {
    const width = Math.max(240, Math.floor(place.clientWidth || 320));
    if (!force && String(width) === drawn) return;
    drawn = String(width);
    keys.replaceChildren(entries ? legend(entries(found, setting)) : "");
    place.replaceChildren(draw(width, found, setting));
  };
  return { element, place, show };
}

function tiles(list, entries) {
  list.dataset.count = entries.length;
  list.replaceChildren(...entries.map(({ key, term, told, more }) => html("div", {},
    html("dt", {}, term),
    html("dd", { "data-number": key }, kept(told)),
    more ? html("dd", { class: "more" }, kept(more)) : null)));
}

/** The elements of a figure, put into its place. */
function build(host, { name, title, intro, controls, panels }, change) {
  const id = `explorer-${name}`;
  const view = {
    rows: controls.map((control) => control.build(change)),
    sentence: html("p", { class: "explorer-says" }),
    panels: panels.map(panel),
    list: html("dl", { class: "explorer-numbers" }),
    after: html("div", { class: "explorer-after" }),
    reset: html("button", { type: "button", class: "md-button" }, "Start again"),
    link: html("a", {}, "Link to this setting"),
    status: html("p", { class: "explorer-status", role: "status", "aria-live": "polite" }),
  };
  host.setAttribute("role", "group");
  host.setAttribute("aria-labelledby", id);
  host.replaceChildren(
    html("p", { class: "explorer-title", id }, title),
    html("p", { class: "explorer-intro" }, kept(intro)),
    html("div", { class: "explorer-controls" }, ...view.rows.map(({ element }) => element)),
    view.sentence,
    html("div", { class: "explorer-panels" }, ...view.panels.map(({ element }) => element)),
    view.list,
    view.after,
    html("p", { class: "explorer-foot" }, view.reset, view.link),
    view.status,
  );
  return view;
}

/** Show a setting, and what was found for it. */
function fillIn(view, { controls, says, numbers, after }, setting, found) {
  view.rows.forEach((row, at) => row.show(setting[controls[at].key]));
  view.sentence.textContent = kept(says(found, setting));
  view.panels.forEach((one) => one.show(found, setting, true));
  tiles(view.list, numbers(found, setting));
  view.after.replaceChildren(...(after ? after(found, setting) : []));
}

/** Put a figure into its place, and start it. */
export function explore(host, figure) {
  const { name, controls, work } = figure;
  const { location, history } = window;
  let setting = read(location.search, name, controls);
  let found;
  let waiting = 0;
  let asked = 0;
  const address = () =>
    `${location.pathname}${write(location.search, name, controls, setting)}${location.hash}`;
  const settle = () => {
    history.replaceState(history.state, "", address());
    view.status.textContent = view.sentence.textContent;
  };
  const show = () => {
    asked = 0;
    found = work(setting);
    fillIn(view, figure, setting, found);
    view.link.href = address();
    host.dataset.ready = "true";
  };
  const set = (wanted) => {
    setting = wanted;
    if (!asked) asked = window.requestAnimationFrame(show);
    window.clearTimeout(waiting);
    waiting = window.setTimeout(settle, QUIET);
  };
  const view = build(host, figure, (key, value) => set({ ...setting, [key]: value }));
  view.reset.addEventListener("click", () =>
    set(Object.fromEntries(controls.map(({ key, start }) => [key, start]))));
  show();
  new ResizeObserver(() => view.panels.forEach((one) => one.show(found, setting, false))).observe(host);
}
