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

/** Put a figure into its place, and start it. */
export function explore(host, figure) {
  const { name, title, intro, controls, work, panels, says, numbers, after } = figure;
  let setting = read(window.location.search, name, controls);
  let found;
  let waiting = 0;
  let asked = 0;
  const sentence = html("p", { class: "explorer-says" });
  const list = html("dl", { class: "explorer-numbers" });
  const status = html("p", { class: "explorer-status", role: "status", "aria-live": "polite" });
  const link = html("a", {}, "Link to this setting");
  const reset = html("button", { type: "button", class: "md-button" }, "Start again");
  const more = html("div", { class: "explorer-after" });
  const drawn = panels.map(panel);
  const rows = controls.map((control) => control.build(change));

  const address = () => write(window.location.search, name, controls, setting);
  const settle = () => {
    const { pathname, hash } = window.location;
    window.history.replaceState(window.history.state, "", `${pathname}${address()}${hash}`);
    status.textContent = sentence.textContent;
  };
  const show = () => {
    asked = 0;
    found = work(setting);
    rows.forEach((row, at) => row.show(setting[controls[at].key]));
    sentence.textContent = kept(says(found, setting));
    drawn.forEach((one) => one.show(found, setting, true));
    tiles(list, numbers(found, setting));
    more.replaceChildren(...(after ? after(found, setting) : []));
    link.href = `${window.location.pathname}${address()}${window.location.hash}`;
    host.dataset.ready = "true";
  };
  const later = () => {
    if (!asked) asked = window.requestAnimationFrame(show);
    window.clearTimeout(waiting);
    waiting = window.setTimeout(settle, QUIET);
  };
  function change(key, value) {
    setting = { ...setting, [key]: value };
    later();
  }
  reset.addEventListener("click", () => {
    setting = Object.fromEntries(controls.map(({ key, start }) => [key, start]));
    later();
  });

  const id = `explorer-${name}`;
  host.setAttribute("role", "group");
  host.setAttribute("aria-labelledby", id);
  host.replaceChildren(
    html("p", { class: "explorer-title", id }, title),
    intro ? html("p", { class: "explorer-intro" }, kept(intro)) : "",
    html("div", { class: "explorer-controls" }, ...rows.map(({ element }) => element)),
    sentence,
    html("div", { class: "explorer-panels" }, ...drawn.map(({ element }) => element)),
    list,
    more,
    html("p", { class: "explorer-foot" }, reset, link),
    status,
  );
  show();
  new ResizeObserver(() => drawn.forEach((one) => one.show(found, setting, false))).observe(host);
}
