// Emoji in a message: from a picker, or by their names, `:smile`. The picker and the names are a script of their
// own, which is loaded when somebody first wants one.

import { insert } from "./quick-texts";
import type * as Picker from "./emoji-picker";

/** A name that is being written at the end of a text: so that neither times nor addresses are taken for one. */
const BEGUN = /(?:^|[\s(])(:[a-z0-9_+-]{2,})$/i;
const WHOLE = /(?:^|[\s(])(:([a-z0-9_+-]{2,}):)$/i;

let picker: Promise<typeof Picker> | null = null;

function load(): Promise<typeof Picker> | null {
  const url = document.querySelector<HTMLElement>("[data-emoji]")?.dataset["emoji"];
  if (!url) return null;
  // One that does not come is asked for again the next time.
  picker ??= (import(url) as Promise<typeof Picker>).catch((error: unknown) => {
    picker = null;
    throw error;
  });
  return picker;
}

function textOf(element: Element): HTMLTextAreaElement | null {
  return element.closest(".transcript-frame")?.querySelector<HTMLTextAreaElement>("form.composer textarea") ?? null;
}

async function fill(place: HTMLElement): Promise<void> {
  const field = textOf(place);
  const loaded = await load()?.catch(() => null);
  if (!field) return;
  if (!loaded) {
    place.textContent = "The emoji could not be loaded. Close this and try again.";
    return;
  }
  loaded.fill(place, (emoji) => {
    place.hidePopover();
    insert(field, emoji);
  });
}

function offersOf(field: HTMLTextAreaElement): HTMLElement | null {
  return field.form?.querySelector<HTMLElement>(".emoji-offers") ?? null;
}

function before(field: HTMLTextAreaElement): string {
  return field.value.slice(0, field.selectionStart);
}

function close(field: HTMLTextAreaElement): void {
  const list = offersOf(field);
  if (!list || list.hidden) return;
  list.hidden = true;
  list.replaceChildren();
  field.removeAttribute("aria-activedescendant");
}

/** Puts an emoji in place of the name before the caret. */
function put(field: HTMLTextAreaElement, name: string, emoji: string): void {
  close(field);
  field.setSelectionRange(field.selectionStart - name.length, field.selectionStart);
  insert(field, emoji);
}

function mark(field: HTMLTextAreaElement, option: Element | null | undefined): void {
  const list = offersOf(field);
  if (!list || !option) return;
  for (const one of list.children) one.setAttribute("aria-selected", String(one === option));
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function offer(field: HTMLTextAreaElement): Promise<void> {
  const list = offersOf(field);
  const written = before(field);
  const [, whole, shortcode] = WHOLE.exec(written) ?? [];
  const [, begun] = BEGUN.exec(written) ?? [];
  if (!list || !(whole || begun)) return close(field);
  const loaded = await load()?.catch(() => null);
  // Somebody has written on meanwhile, which asks for itself.
  if (!loaded || before(field) !== written || document.activeElement !== field) return;
  const emoji = shortcode && loaded.named(shortcode);
  if (whole && emoji) return put(field, whole, emoji);
  const found = begun ? loaded.beginning(begun.slice(1)) : [];
  list.replaceChildren(...found.map(([one, name], place) => {
    const option = document.createElement("li");
    option.id = `emoji-offer-${place}`;
    option.role = "option";
    option.dataset["emoji"] = one;
    option.append(one, ` :${name}:`);
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      put(field, begun ?? "", one);
    });
    return option;
  }));
  list.hidden = found.length === 0;
  if (list.hidden) return close(field);
  mark(field, list.firstElementChild);
}

function onKey(event: KeyboardEvent): void {
  const field = event.target;
  if (!(field instanceof HTMLTextAreaElement) || event.isComposing) return;
  const list = offersOf(field);
  if (!list || list.hidden) return;
  const chosen = list.querySelector<HTMLElement>("[aria-selected=true]");
  const [, begun] = BEGUN.exec(before(field)) ?? [];
  if (event.key === "Escape") close(field);
  else if (event.key === "ArrowDown") mark(field, chosen?.nextElementSibling ?? list.firstElementChild);
  else if (event.key === "ArrowUp") mark(field, chosen?.previousElementSibling ?? list.lastElementChild);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen && begun) put(field, begun, chosen.dataset["emoji"] ?? "");
  else return;
  // It is not sent, and nothing else is left by it.
  event.preventDefault();
  event.stopPropagation();
}

export function watchEmoji(): void {
  // `toggle` does not bubble.
  document.addEventListener("toggle", (event) => {
    const place = event.target;
    if (place instanceof HTMLElement && place.matches(".emoji-picker") && place.matches(":popover-open")) void fill(place);
  }, { capture: true });
  document.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLTextAreaElement && target.form?.matches(".composer")) void offer(target);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target instanceof HTMLTextAreaElement) close(target);
  });
  // Before what sends, and what closes.
  document.addEventListener("keydown", onKey, { capture: true });
}
