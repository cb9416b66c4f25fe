/* What the theme leaves out, for people who listen or use no mouse. */
"use strict";

// Its search dialog has no name.
for (const dialog of document.querySelectorAll('.md-search[role="dialog"]:not([aria-label])')) {
  dialog.setAttribute("aria-label", "Search");
}

// A figure or table that is wider than a small screen is moved sideways: with the arrow keys, too.
const resized = new ResizeObserver((boxes) => {
  for (const { target } of boxes) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});
// The theme wraps tables when the page is there.
addEventListener("load", () => {
  const boxes = document.querySelectorAll("figure.chart, .md-typeset__scrollwrap");
  for (const box of boxes) resized.observe(box);
});
