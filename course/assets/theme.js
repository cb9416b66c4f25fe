/* Gives a name to the theme's search dialog, which has none: people who listen need it. */
"use strict";

for (const dialog of document.querySelectorAll('.md-search[role="dialog"]:not([aria-label])')) {
  dialog.setAttribute("aria-label", "Search");
}
