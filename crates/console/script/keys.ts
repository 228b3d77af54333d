// Keys. Single ones work where no text is written and no dialog is open, and can be switched off.

import { showTemplate } from "./dialog";
import { isTyping } from "./page";
import { togglePalette } from "./palette";
import { moveRow } from "./rows";

/** How long the first key of two is remembered. */
const SEQUENCE_MILLISECONDS = 1200;

let pressed = "";
let forgetting: number | undefined;

/** The page's element with a key, as `data-key` names it. */
function keyed(keys: string, within: ParentNode = document): HTMLElement | undefined {
  const all = within.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(keys)}"]`);
  return [...all].find((element) => element.checkVisibility());
}

function areOn(): boolean {
  return document.documentElement.dataset["keys"] !== "off";
}

/** Keys that are held with Ctrl or ⌘. They work everywhere, and are never switched off. */
function withControl(event: KeyboardEvent): boolean {
  if (event.altKey || event.shiftKey) return false;
  const key = event.key.toLowerCase();
  if (key === "k") {
    togglePalette();
    return true;
  }
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  const element = keyed(`ctrl ${key}`, form ?? document);
  element?.click();
  return element !== undefined;
}

function single(key: string): boolean {
  if (key === "/") {
    const search = document.querySelector<HTMLInputElement>("[data-search]");
    search?.focus();
    search?.select();
    return search !== null;
  }
  if (key === "?") {
    showTemplate("help");
    return true;
  }
  if (key === "j" || key === "k") return moveRow(key === "j" ? 1 : -1);
  const sequence = pressed ? `${pressed} ${key}` : key;
  const element = keyed(sequence);
  pressed = "";
  clearTimeout(forgetting);
  if (element) {
    element.click();
    return true;
  }
  if (document.querySelector(`[data-key^="${CSS.escape(key)} "]`)) {
    pressed = key;
    forgetting = setTimeout(() => (pressed = ""), SEQUENCE_MILLISECONDS);
    return true;
  }
  return false;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  let isDone = false;
  if (event.ctrlKey || event.metaKey) {
    isDone = withControl(event);
  } else if (areOn() && !event.altKey && event.key.length === 1) {
    const key = event.key.toLowerCase();
    const isBusy = isTyping(event.target) || document.querySelector("dialog[open]") !== null;
    // A key that is held down moves on through the rows; it does nothing else twice.
    isDone = !isBusy && (!event.repeat || "jk".includes(key)) && single(key);
  }
  if (isDone) event.preventDefault();
}

export function watchKeys(): void {
  document.addEventListener("keydown", onKey);
}
