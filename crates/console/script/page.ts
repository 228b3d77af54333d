// What every part of the script asks of the page it is on.

import htmx, { type HtmxBeforeSwapDetails, type HtmxResponseInfo } from "htmx.org";

/** The events of htmx that we listen to, with what they carry. */
interface Details {
  "htmx:afterOnLoad": HtmxResponseInfo;
  "htmx:afterRequest": HtmxResponseInfo;
  "htmx:afterSwap": HtmxResponseInfo;
  "htmx:beforeRequest": HtmxResponseInfo;
  "htmx:beforeSwap": HtmxBeforeSwapDetails;
  "htmx:configRequest": { elt: Element; path: string };
  "htmx:confirm": { elt: Element; target: Element };
  "htmx:sendError": HtmxResponseInfo;
  "htmx:timeout": HtmxResponseInfo;
}

/** Listens to an event that bubbles up to the document. */
export function on<Name extends keyof Details>(
  name: Name,
  listener: (detail: Details[Name], event: CustomEvent<Details[Name]>) => void,
): void {
  document.addEventListener(name, (event) => {
    const custom = event as CustomEvent<Details[Name]>;
    // Going back swaps as well, without a request that anything here was part of.
    const isAboutAnswer = name !== "htmx:configRequest" && name !== "htmx:confirm";
    if (isAboutAnswer && !("requestConfig" in custom.detail)) return;
    listener(custom.detail, custom);
  });
}

/** Does something with every element that matches: those on the page now, and all that come. */
export function each<Kind extends Element>(selector: string, act: (element: Kind) => void): void {
  const known = new WeakSet<Element>();
  const look = (root: ParentNode & { matches?(selector: string): boolean }) => {
    const found = [...root.querySelectorAll<Kind>(selector)];
    if (root instanceof Element && root.matches(selector)) found.unshift(root as Element as Kind);
    for (const element of found) {
      if (known.has(element)) continue;
      known.add(element);
      act(element);
    }
  };
  look(document);
  // Not `htmx:load`: what morphs and out-of-band swaps add is to be seen as well.
  new MutationObserver((records) => {
    for (const record of records) {
      for (const node of record.addedNodes) if (node instanceof Element) look(node);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
}

/** The middle of the page, which asks for itself again when what it shows has changed. */
export function middle(): HTMLElement | null {
  return document.querySelector<HTMLElement>("main[hx-trigger]");
}

/** Has the middle of the page asked for again. htmx has one such request under way at most, and one waiting. */
export function refresh(): void {
  const main = middle();
  if (main) htmx.trigger(main, "headwater:changed");
}

/** Where the page is, as the server knows it. */
export function here(): string {
  return location.pathname + location.search;
}

/** Goes to sign in, and comes back to this page. */
export function signIn(): void {
  location.assign(`/login?to=${encodeURIComponent(here())}`);
}

/** A piece of a page from the server; none when it was not to be had. */
export async function fetchPiece(url: URL, signal: AbortSignal): Promise<DocumentFragment | null> {
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal });
  if (answer.status === 401) signIn();
  if (!answer.ok) return null;
  // Parsed apart from the page: nothing in it is run or loaded before it is used.
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  return template.content;
}

/** Whether keys go into a control and mean text there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  const pressed = "button, checkbox, color, file, image, radio, range, reset, submit";
  return target instanceof HTMLInputElement && !pressed.split(", ").includes(target.type);
}

/** Puts the focus where somebody goes on in what has just come: to what is wrong, or to the first field. */
export function focusFirst(within: Element): void {
  const places = [
    "[aria-invalid=true]",
    "[autofocus]",
    "input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)",
    "button:not([data-closes-dialog]), a[href]:not([data-closes-dialog])",
  ];
  for (const place of places) {
    const found = within.querySelector<HTMLElement>(place);
    if (!found) continue;
    found.focus();
    if (found instanceof HTMLInputElement && found.type === "text") found.select();
    return;
  }
}
