// @ts-check
/** Changes the screen without losing a tap in progress or a keyboard user's place. */

import { h } from "../h.js";

/**
 * Puts the nodes in only if they look different: replacing a button under a finger would lose the tap.
 * @param {HTMLElement} parent @param {Node[]} nodes
 */
export function fill(parent, nodes) {
  const next = h("div", {}, ...nodes);
  if (next.innerHTML !== parent.innerHTML) parent.replaceChildren(...next.childNodes);
}

/** The words of the button that the keyboard reached, if any. @param {HTMLElement} lasting a button that is never replaced @returns {string} */
export function focusName(lasting) {
  const active = document.activeElement;
  const reached = active instanceof HTMLButtonElement && active !== lasting && active.matches(":focus-visible");
  return reached ? active.ariaLabel ?? active.textContent ?? "" : "";
}

/** @param {HTMLElement} root @param {string} name */
export function restoreFocus(root, name) {
  const button = [...root.querySelectorAll("button")].find((each) => (each.ariaLabel ?? each.textContent) === name);
  button?.focus({ preventScroll: true });
}
