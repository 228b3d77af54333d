// One field edited in its place: opened by its pencil, a double click, F2 or Enter; left by Esc.

import htmx from "htmx.org";
import { focusFirst, on, refresh } from "./page";
import { mayLeave } from "./unsaved";

/** What a field showed before its form came. */
const before = new WeakMap<Element, Node[]>();

/** The field whose form was sent last, to which the focus returns. */
let last: string | null = null;

function pencil(field: Element | null): HTMLElement | null {
  return field?.querySelector<HTMLElement>("a.pencil") ?? null;
}

function begin(field: Element | null): boolean {
  const start = pencil(field);
  start?.click();
  return start !== null;
}

/** Puts back what the field showed; asks first when something was written. */
function cancel(form: Element): void {
  const field = form.closest(".field");
  const kept = field && before.get(field);
  if (!field || !kept || !mayLeave(field)) return;
  before.delete(field);
  field.replaceChildren(...kept);
  htmx.process(field);
  pencil(field)?.focus();
  // Others may have changed it meanwhile.
  refresh();
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || !(event.target instanceof Element)) return;
  const form = event.target.closest("form.inline");
  const field = event.target.closest(".field");
  if (event.key === "Escape" && form && field) {
    event.preventDefault();
    cancel(form);
  } else if (!form && field && (event.key === "F2" || (event.key === "Enter" && event.target === field))) {
    if (begin(field)) event.preventDefault();
  }
}

export function watchInline(): void {
  on("htmx:beforeSwap", (detail) => {
    const field = detail.target;
    if (!detail.shouldSwap || !field.matches(".field") || field.querySelector("form.inline")) return;
    // Copies: htmx tears down what it takes out.
    before.set(field, [...field.cloneNode(true).childNodes]);
  });
  on("htmx:afterSwap", (detail) => {
    const form = detail.target.matches(".field") ? detail.target.querySelector("form.inline") : null;
    if (form) focusFirst(form);
  });
  on("htmx:afterSwap", (detail) => {
    const form = detail.requestConfig.elt;
    if (!form.matches("form.inline") || detail.target.id !== "main") return;
    if (document.activeElement && document.activeElement !== document.body) return;
    pencil(document.getElementById(last ?? ""))?.focus();
  });
  on("htmx:beforeSwap", (detail) => {
    const form = detail.requestConfig.elt;
    if (form.matches("form.inline")) last = form.closest(".field")?.id ?? null;
  });

  document.addEventListener("keydown", onKey);
  document.addEventListener("dblclick", (event) => {
    if (!(event.target instanceof Element) || event.target.closest("a, button, form")) return;
    const value = event.target.closest(".field .value, .field [data-value]");
    if (value && begin(value.closest(".field"))) getSelection()?.removeAllRanges();
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const form = event.target.closest("[data-cancels]")?.closest("form.inline");
    if (!form?.closest(".field")) return;
    event.preventDefault();
    cancel(form);
  });
}
