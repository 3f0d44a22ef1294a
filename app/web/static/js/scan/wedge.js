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

/** Asks for focus after a scan or a step, but never takes it from a control in use. @param {HTMLInputElement} input */
export function refocus(input) {
  const active = document.activeElement;
  const free = active === null || active === document.body || active.id === "main" || !active.isConnected;
  if (document.visibilityState === "visible" && free) input.focus({ preventScroll: true });
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
