// What was written into a record's form and not saved is kept in the browser, and offered when the
// form is opened again. It holds what the form was made from as well, so that a conflict is found.

import { type Draft, offer } from "./draft-offer";
import { each } from "./page";
import { check, fieldsOf } from "./unsaved";

const PAUSE_MILLISECONDS = 300;
/** A draft is forgotten after this. */
const KEPT_MILLISECONDS = 7 * 24 * 3600 * 1000;
const PREFIX = "headwater-draft:";
/** The draft of a form that was sent without script seeing the answer. */
const SENT = "headwater-draft-sent";

/** Forms with changes that are not written yet. */
const waiting = new Map<HTMLFormElement, number>();

function keyOf(form: HTMLFormElement): string {
  return `${PREFIX}${document.body.dataset["user"] ?? ""}:${form.dataset["draft"] ?? ""}`;
}

function read(key: string): Draft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(key) ?? "null") as Draft | null;
    return draft && Date.now() - draft.at < KEPT_MILLISECONDS && Array.isArray(draft.fields) ? draft : null;
  } catch {
    return null;
  }
}

function write(form: HTMLFormElement): void {
  // Back to what it was: nothing to keep.
  if (!check(form)) return drop(keyOf(form));
  const draft: Draft = { at: Date.now(), fields: fieldsOf(form) };
  try {
    localStorage.setItem(keyOf(form), JSON.stringify(draft));
  } catch {
    // Storage is full or forbidden: leaving still asks.
  }
}

function drop(key: string): void {
  localStorage.removeItem(key);
}

function writeSoon(form: HTMLFormElement): void {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => writeNow(form), PAUSE_MILLISECONDS));
}

function writeNow(form: HTMLFormElement): void {
  stopWaiting(form);
  if (form.isConnected) write(form);
}

function stopWaiting(form: HTMLFormElement): void {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
}

/** Forgets what nobody came back for. */
function sweep(): void {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  for (const key of keys) if (!read(key)) drop(key);
}

/** Whether the form that was sent from the page before was saved, as far as this page shows. */
function wasSaved(key: string): boolean {
  const [arrival] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-draft]")];
  // Saving leads on to another page. A refusal shows the form again, a failure leads nowhere, and
  // whoever is no longer signed in gets a page that is nobody's.
  const isElsewhere = (arrival?.redirectCount ?? 0) > 0 && !forms.some((form) => keyOf(form) === key);
  return isElsewhere && document.body.dataset["user"] !== undefined;
}

export function keepDrafts(): void {
  const sent = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  if (sent && wasSaved(sent)) drop(sent);
  sweep();

  each<HTMLFormElement>("form[data-draft]", (form) => {
    const draft = read(keyOf(form));
    // A form that shows what was sent holds it already.
    if (draft && !form.hasAttribute("data-dirty")) offer(form, draft, () => drop(keyOf(form)));
  });
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("form[data-draft]") : null;
      if (form) writeSoon(form);
    });
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.dataset["draft"] && !form.hasAttribute("hx-post")) {
      writeNow(form);
      sessionStorage.setItem(SENT, keyOf(form));
    }
  });
  addEventListener("pagehide", () => {
    for (const form of [...waiting.keys()]) writeNow(form);
  });
  document.addEventListener("headwater:forgotten", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset["draft"]) return;
    stopWaiting(form);
    drop(keyOf(form));
  });
}
