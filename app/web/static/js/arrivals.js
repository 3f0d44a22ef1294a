// @ts-check

/** The next scan goes where it belongs without a tap: into the field that is wrong, or else into the barcode. */

const scan = /** @type {HTMLFormElement | null} */ (document.querySelector('form[action$="/receive"]'));
const field = scan?.querySelector("input[aria-invalid]") ?? scan?.querySelector('input[name="barcode"]');
if (field instanceof HTMLInputElement) {
  field.focus();
  field.select();
}
