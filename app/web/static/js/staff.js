// @ts-check

/** "/" focuses the search box, unless someone is typing; Escape leaves it. Scanners that end in Enter just submit. */

const box = /** @type {HTMLInputElement | null} */ (document.getElementById("find"));

/** @param {EventTarget | null} target @returns {boolean} */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|select|textarea)$/i.test(target.tagName));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
    event.preventDefault();
    box?.focus();
    box?.select();
  } else if (event.key === "Escape" && event.target === box) {
    box?.blur();
  }
});

/** A second press on a slow line must not send twice; the operation id makes it harmless, this keeps it quiet. */
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== "post") return;
  if (new URL(form.action).pathname === "/sign-out") {
    event.preventDefault();
    void import("./scan/forget.js").then(({ signOut }) => signOut(form), () => form.submit());
    return;
  }
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 5000);
});

/** On a narrow screen the links scroll sideways: show where the person is. */
document.querySelector(".pages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
