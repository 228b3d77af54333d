// Work that is not saved: which forms hold some, and asking before it is lost.

import { each, on } from "./page";

/** Fields that are the form's own business, and no work of anybody's. */
const OWN = ["form_token"];

const QUESTION = "There are changes that are not saved. Leave them?";

const beginnings = new WeakMap<HTMLFormElement, string>();

/** The form whose answer is being put into the page: it gives way to what the server says. */
let answered: HTMLFormElement | null = null;

/** The fields of a form that hold work, each name with its values. */
export function fieldsOf(form: HTMLFormElement): [string, string][] {
  const secret = new Set([...form.querySelectorAll<HTMLInputElement>("input[type=password]")].map((one) => one.name));
  const all = [...new FormData(form)];
  return all.filter((pair): pair is [string, string] =>
    typeof pair[1] === "string" && !secret.has(pair[0]) && !OWN.includes(pair[0]));
}

/** Looks whether a form differs from what it was when it came, and marks it so. */
export function check(form: HTMLFormElement): boolean {
  const began = beginnings.get(form);
  const isDirty = began !== undefined && began !== JSON.stringify(fieldsOf(form));
  form.toggleAttribute("data-dirty", isDirty);
  return isDirty;
}

/** A form that is shown again with its errors holds work from the start. */
function markUnsaved(form: HTMLFormElement): void {
  beginnings.set(form, "");
  form.setAttribute("data-dirty", "");
}

function isRefused(form: HTMLFormElement): boolean {
  return form.querySelector("[aria-invalid=true], .summary.problem") !== null;
}

/** A form whose work is saved, or let go. */
function forget(form: HTMLFormElement): void {
  beginnings.set(form, JSON.stringify(fieldsOf(form)));
  form.removeAttribute("data-dirty");
  form.dispatchEvent(new CustomEvent("headwater:forgotten", { bubbles: true }));
}

export function hasUnsaved(within: ParentNode = document): boolean {
  return within.querySelector("form[data-dirty]") !== null;
}

/** Asks whether work may be lost, if there is any. */
export function mayLeave(within: ParentNode): boolean {
  const forms = within.querySelectorAll<HTMLFormElement>("form[data-dirty]");
  if (forms.length > 0 && !confirm(QUESTION)) return false;
  forms.forEach(forget);
  return true;
}

/** Whether a form gives way to the answer that is being put into the page. */
export function isAnswered(form: Element): boolean {
  return form === answered;
}

/** Whether a form holds work: one that changes something. A search does not. */
function holdsWork(form: HTMLFormElement): boolean {
  return form.method === "post" && !form.closest(".toast");
}

function checkAll(): void {
  for (const form of document.forms) if (beginnings.has(form)) check(form);
}

export function watchUnsaved(): void {
  each<HTMLFormElement>("form", (form) => {
    if (!holdsWork(form)) return;
    if (isRefused(form)) markUnsaved(form);
    else beginnings.set(form, JSON.stringify(fieldsOf(form)));
  });
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      const form = event.target instanceof Element ? event.target.closest("form") : null;
      if (form && beginnings.has(form)) check(form);
    });
  }

  on("htmx:beforeSwap", (detail) => {
    const form = detail.requestConfig.elt;
    answered = form instanceof HTMLFormElement ? form : null;
    if (answered && detail.xhr.status < 400) forget(answered);
  });
  on("htmx:afterSwap", () => {
    // The answer was put into the form that was there.
    if (answered?.isConnected && isRefused(answered)) markUnsaved(answered);
  });
  on("htmx:afterRequest", () => {
    answered = null;
  });

  on("htmx:confirm", (detail, event) => {
    const goes = detail.elt.closest("[hx-push-url], [hx-replace-url], [hx-boost=true]") !== null;
    const own = detail.elt.closest("form[data-dirty]");
    if (goes && !own && hasUnsaved(detail.target) && !mayLeave(detail.target)) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    // Sent, it is no longer unsaved; another listener may still stop it.
    setTimeout(() => {
      if (event.target instanceof HTMLFormElement && !event.defaultPrevented) {
        event.target.removeAttribute("data-dirty");
      }
    });
  });
  addEventListener("beforeunload", (event) => {
    if (hasUnsaved()) event.preventDefault();
  });
  // Back from where the form was sent to.
  addEventListener("pageshow", (event) => {
    if (event.persisted) checkAll();
  });
}
