// @ts-check
/**
 * Frames what a keyboard wedge or an input method types into one input. A frame ends with Enter, Tab or a committed line
 * end, never by a pause: timing rules lose scans on a slow device.
 */

const LINE_END = /[\r\n\t]+$/;

/**
 * @param {HTMLInputElement} input
 * @param {(raw: string) => void} onScan
 */
export function listen(input, onScan) {
  const take = (/** @type {string} */ text) => {
    input.value = "";
    const raw = text.replace(/[\r\n\t]+/g, "").trim();
    if (raw) onScan(raw);
  };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key !== "Enter" && !(event.key === "Tab" && input.value && !event.shiftKey)) return;
    event.preventDefault();
    take(input.value);
  });
  input.addEventListener("beforeinput", (event) => {
    if (event.inputType === "insertLineBreak" || (event.data !== null && LINE_END.test(event.data))) {
      event.preventDefault();
      take(input.value + (event.data ?? ""));
    }
  });
}

/**
 * Asks for focus after a scan or a step. A button that was tapped gives it back, or the next scan would press the button
 * again; one that the keyboard reached keeps it.
 * @param {HTMLInputElement} input
 */
export function refocus(input) {
  const active = document.activeElement;
  const tapped = active instanceof HTMLButtonElement && !active.matches(":focus-visible");
  const free = active === null || active === document.body || active.id === "main" || tapped;
  if (document.visibilityState === "visible" && free) input.focus({ preventScroll: true });
}

/** The first letter of a scan pulls the focus, wherever it was, so that its Enter presses nothing. @param {HTMLInputElement} input */
export function catchLetters(input) {
  document.addEventListener("keydown", (event) => {
    const letter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (letter && event.target !== input) input.focus({ preventScroll: true });
  }, { capture: true });
}

/** A typed code has been taken: the next one is scanned again. @param {HTMLInputElement} input */
export function hideKeyboard(input) {
  input.classList.remove("typing");
  input.inputMode = "none";
}

/** @param {HTMLInputElement} input @returns {boolean} whether the keyboard is now asked for */
export function toggleKeyboard(input) {
  const typing = input.classList.toggle("typing");
  input.inputMode = typing ? "text" : "none";
  input.blur();
  input.focus({ preventScroll: true });
  return typing;
}
