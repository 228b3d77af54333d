// The page's one dialog: what is fetched into it is shown, and the focus returns to where it was.

import { each, focusFirst, on, refresh } from "./page";
import { mayLeave } from "./unsaved";

let opener: HTMLElement | null = null;

function dialog(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>("dialog#dialog");
}

function content(): HTMLElement | null {
  return document.getElementById("dialog-content");
}

/** Shows what is in the dialog. */
function open(from: HTMLElement | null): void {
  const shown = dialog();
  const within = content();
  if (!shown || !within) return;
  if (!shown.open) {
    opener = from;
    shown.showModal();
  }
  focusFirst(within);
}

/** Closes it; asks first when there is work in it that is not saved. */
function close(): boolean {
  const shown = dialog();
  if (!shown?.open) return true;
  if (!mayLeave(shown)) return false;
  shown.close();
  return true;
}

/** The focus goes back to what opened the dialog, or to what that was in. */
function giveBackFocus(): void {
  const from = opener;
  opener = null;
  if (!from) return;
  if (from.isConnected && from.checkVisibility()) {
    from.focus();
    return;
  }
  const popover = from.closest("[popover]");
  const lock = popover?.id ? `[popovertarget="${CSS.escape(popover.id)}"]` : null;
  const address = from.getAttribute("hx-get");
  const same = address ? `[hx-get="${CSS.escape(address)}"]:not([popover] *)` : null;
  for (const selector of [lock, same]) {
    const found = selector ? document.querySelector<HTMLElement>(selector) : null;
    if (found) {
      found.focus();
      return;
    }
  }
}

/** Shows the content of a template of the page in the dialog. */
export function showTemplate(id: string): void {
  const template = document.getElementById(id);
  const place = content();
  if (!(template instanceof HTMLTemplateElement) || !place || dialog()?.open) return;
  place.replaceChildren(template.content.cloneNode(true));
  open(document.activeElement instanceof HTMLElement ? document.activeElement : null);
}

export function watchDialog(): void {
  on("htmx:beforeSwap", (detail) => {
    // The answer is a whole page, with an empty dialog of its own beside what was asked for.
    if (detail.target.id === "dialog-content") detail.selectOverride = "#dialog-content:not(dialog > *)";
  });
  on("htmx:afterSwap", (detail, event) => {
    const within = content();
    if (!within || !(event.target instanceof Node)) return;
    const isHere = within === event.target || event.target.contains(within);
    const asked = detail.requestConfig.elt;
    const opens = asked.closest("[data-opens-dialog]");
    if (detail.target.id !== "dialog-content" || !isHere) return;
    if (opens instanceof HTMLElement || dialog()?.open) open(opens instanceof HTMLElement ? opens : null);
  });

  on("htmx:afterOnLoad", (detail) => {
    const told = detail.xhr.getResponseHeader("HX-Trigger") ?? "";
    if (!told.includes("headwater:done")) return;
    dialog()?.close();
    // The answer may have been the new page itself.
    if (detail.target.id !== "main") refresh();
  });

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-opens-help]")) showTemplate("help");
    if (!event.target.closest("[data-closes-dialog]") || !dialog()?.open) return;
    event.preventDefault();
    close();
  });
  each<HTMLDialogElement>("dialog#dialog", (shown) => {
    shown.addEventListener("cancel", (event) => {
      if (!mayLeave(shown)) event.preventDefault();
    });
    shown.addEventListener("close", () => {
      // Nothing of it is left to be found by its id.
      content()?.replaceChildren();
      giveBackFocus();
    });
  });
}
