// @ts-check
/** What goods need: a drawn sign and a word for each, never color alone. */

import { h } from "../h.js";

const SIGNS = /** @type {Record<string, string>} */ ({
  chilled: "M5.5 8.6V2.5a1.5 1.5 0 013 0v6.1a3 3 0 11-3 0zM7 5v5",
  frozen: "M7 1v12M1.8 4l10.4 6M1.8 10l10.4-6M5.2 2L7 3.6 8.8 2M5.2 12L7 10.4 8.8 12",
  hazmat: "M7 1.5l6 11H1zM7 5.5v3.2M7 10.6v.1",
});

/** @param {import("./types.js").Task} task @returns {HTMLElement | null} */
export function care(task) {
  const marks = task.show.care ?? [];
  return marks.length ? h("p", { class: "care" }, ...marks.map((mark) => h("span", {}, sign(mark.key), mark.label))) : null;
}

/** @param {string} key @returns {Node} */
function sign(key) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 14 14");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SIGNS[key] ?? SIGNS.hazmat);
  svg.append(path);
  return svg;
}
