// @ts-check

/** The plan grows and shrinks by its buttons and by the wheel with Ctrl; it moves by scrolling, or by dragging. */

const view = /** @type {HTMLElement | null} */ (document.querySelector(".floor-view"));
const map = /** @type {SVGSVGElement | null} */ (document.querySelector("[data-floor]"));
const tools = /** @type {HTMLElement | null} */ (document.querySelector("[data-floor-tools]"));
const STEP = 1.5;
const MOST = 24;
let scale = 1;

/** Keep the middle of what is seen in the middle. @param {number} wanted */
function zoom(wanted) {
  if (!view || !map) return;
  const next = Math.min(MOST, Math.max(1, wanted));
  const x = (view.scrollLeft + view.clientWidth / 2) / view.scrollWidth;
  const y = (view.scrollTop + view.clientHeight / 2) / view.scrollHeight;
  scale = next;
  map.style.inlineSize = `${100 * scale}%`;
  map.style.maxBlockSize = scale > 1 ? "none" : "";
  view.scrollLeft = x * view.scrollWidth - view.clientWidth / 2;
  view.scrollTop = y * view.scrollHeight - view.clientHeight / 2;
}

if (view && map && tools) {
  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const by = event.target instanceof HTMLElement ? event.target.dataset.floorBy : undefined;
    if (by) zoom(by === "in" ? scale * STEP : by === "out" ? scale / STEP : 1);
  });
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? scale * STEP : scale / STEP);
  }, { passive: false });
  view.addEventListener("pointermove", (event) => {
    if (event.buttons !== 1 || event.pointerType !== "mouse") return;
    view.scrollLeft -= event.movementX;
    view.scrollTop -= event.movementY;
  });
}
