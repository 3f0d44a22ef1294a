// @ts-check
/** Reads the same page again while it is visible and puts the new <main> in place. Without it, reloading does the same. */

const DEFAULT_SECONDS = 60;
const LONGEST_MS = 300_000;

const first = document.querySelector("main");
const seconds = Number(first?.dataset.refresh) || DEFAULT_SECONDS;
let failures = 0;
/** The tag of what is shown: the server answers 304 while it is the same. */
let tag = "";

/** A person who types or has opened a form must not lose it. @returns {boolean} */
function busy() {
  const main = document.querySelector("main");
  const active = document.activeElement;
  return Boolean(main?.querySelector("details[open]") || (active instanceof HTMLElement && main?.contains(active) && active !== main));
}

async function refresh() {
  if (document.visibilityState !== "visible" || busy()) return;
  const headers = tag ? { Accept: "text/html", "If-None-Match": tag } : { Accept: "text/html" };
  const answer = await fetch(location.href, { headers, cache: "no-store", signal: AbortSignal.timeout(10_000) });
  if (answer.status === 304) return announce();
  if (answer.redirected) return location.assign(answer.url);
  if (!answer.ok) throw new Error(`The page answered ${answer.status}`);
  tag = answer.headers.get("etag") ?? "";
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [here, there] = [document.querySelector("main"), next.querySelector("main")];
  if (here && there && here.innerHTML !== there.innerHTML && !busy()) {
    here.replaceWith(document.adoptNode(there));
    document.title = next.title;
  }
  announce();
}

/** Tells that refreshing works, which the page cannot know before. */
function announce() {
  for (const mark of document.querySelectorAll("[data-fresh]")) mark.removeAttribute("hidden");
}

function schedule() {
  setTimeout(async () => {
    try {
      await refresh();
      failures = 0;
    } catch (error) {
      failures += 1;
      console.warn("The page could not be refreshed and will be tried again.", error);
    }
    schedule();
  }, Math.min(seconds * 1000 * 2 ** failures, LONGEST_MS));
}

announce();
document.addEventListener("visibilitychange", () => void refresh().catch((error) => console.warn("Not refreshed.", error)));
schedule();
