// @ts-check
/** What sign-out leaves on the device: nothing of the work and of the page, but every scan that was not sent yet. */

import { clearValues, open } from "./store.js";

export async function forget() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("pickstream-scan-")).map((name) => caches.delete(name)));
  const database = await open();
  await clearValues(database);
  database.close();
}

/**
 * Signs out once the device has forgotten; if it cannot forget, the person is signed out all the same.
 * @param {HTMLFormElement} form
 */
export async function signOut(form) {
  try {
    await forget();
  } catch (error) {
    console.info("Something of the scan page stays on this device.", error);
  }
  form.submit();
}
