// @ts-check
/** The page without a network: its worker, and the change to a new release at a moment that disturbs nobody. */

/** @type {ServiceWorkerRegistration | null} */
let registration = null;
let isChanging = false;

/**
 * Registers the worker and makes sure that its copy of the page is whole; a browser that refuses only loses offline starts.
 * @param {() => void} onRelease called when a new release waits
 */
export async function keepOffline(onRelease) {
  if (!navigator.serviceWorker) return;
  try {
    registration = await navigator.serviceWorker.register("/scan/worker.js", { scope: "/scan" });
    registration.active?.postMessage("fill");
  } catch (error) {
    console.info("This page cannot start without a network.", error);
    return;
  }
  const expectRelease = () => {
    const next = registration?.installing;
    next?.addEventListener("statechange", () => {
      if (next.state === "installed") onRelease();
    });
  };
  registration.addEventListener("updatefound", expectRelease);
  expectRelease();
  if (registration.waiting) onRelease();
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (isChanging) location.reload();
  });
}

/** The server has another release than this page: ask for its worker. */
export async function lookForRelease() {
  try {
    await registration?.update();
  } catch (error) {
    console.info("The new release could not be asked for.", error);
  }
}

/** Lets a new release in, if one waits. Call it only when nothing is half done. @param {boolean} isOld whether this page is of another release than the server */
export function changeRelease(isOld) {
  if (!registration?.waiting || isChanging) return;
  isChanging = isOld;
  registration.waiting.postMessage("take over");
}
