// What was written into a record's form and not saved is kept in the browser, and offered when the
// form is opened again. It holds what the form was made from as well, so that a conflict is found.

import { each } from "./page";
import { check, fieldsOf } from "./unsaved";

const PAUSE_MILLISECONDS = 300;
/** A draft is forgotten after this. */
const KEPT_MILLISECONDS = 7 * 24 * 3600 * 1000;
const PREFIX = "headwater-draft:";
/** The draft of a form that was sent without script seeing the answer. */
const SENT = "headwater-draft-sent";

interface Draft {
  at: number;
  fields: [string, string][];
}

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

/** Puts the values of a draft into its form. */
function restore(form: HTMLFormElement, draft: Draft): void {
  const values = new Map<string, string[]>();
  for (const [name, value] of draft.fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement && ["checkbox", "radio"].includes(control.type)) {
      control.checked = values.get(control.name)?.includes(control.value) ?? false;
    } else if (control instanceof HTMLSelectElement) {
      const chosen = values.get(control.name) ?? [];
      for (const option of control.options) option.selected = chosen.includes(option.value);
    } else if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement) {
      const next = values.get(control.name)?.shift();
      if (next !== undefined) control.value = next;
    }
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function clock(at: number): string {
  const then = new Date(at);
  const isToday = then.toDateString() === new Date().toDateString();
  const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return isToday ? time : `${then.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}

function button(words: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

/** Offers the draft at the head of its form. */
function offer(form: HTMLFormElement, draft: Draft): void {
  const bar = document.createElement("div");
  bar.className = "draft";
  bar.role = "status";
  const words = document.createElement("span");
  const end = () => {
    bar.remove();
    form.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
  };
  bar.append(
    words,
    button("Restore", () => {
      restore(form, draft);
      end();
    }),
    button("Discard", () => {
      drop(keyOf(form));
      end();
    }),
  );
  form.prepend(bar);
  // After it has come, so that it is read out.
  setTimeout(() => (words.textContent = `You have an unsaved draft from ${clock(draft.at)}.`));
}

export function keepDrafts(): void {
  const sent = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-draft]")];
  // A form that comes back was refused; one that does not was saved.
  if (sent && !forms.some((form) => keyOf(form) === sent)) drop(sent);
  sweep();

  each<HTMLFormElement>("form[data-draft]", (form) => {
    const draft = read(keyOf(form));
    // A form that shows what was sent holds it already.
    if (draft && !form.hasAttribute("data-dirty")) offer(form, draft);
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
