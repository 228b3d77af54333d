// What a list is searched for and narrowed by, between a change and the request that asks for it.

import { on } from "./page";

/** Searches that were changed since they were last asked for. */
const changed = new WeakSet<Element>();

/**
 * Whether a search holds more than was asked for. An answer to an earlier request does not put it back:
 * the request that waits is made of what the form holds when its turn comes.
 */
export function waits(element: Element): boolean {
  return changed.has(element);
}

export function watchSearches(): void {
  for (const name of ["input", "change"]) {
    document.addEventListener(
      name,
      (event) => {
        const form = event.target instanceof Element ? event.target.closest("form[role=search]") : null;
        if (form) changed.add(form);
      },
      // Before htmx, which may ask at once.
      { capture: true },
    );
  }
  on("htmx:beforeRequest", (detail) => {
    changed.delete(detail.requestConfig.elt);
  });
}
