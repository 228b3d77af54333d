// Ctrl-K: go to any page or record, or do what this page offers, by a few letters.

import { Combobox } from "./combobox";
import { fetchPiece } from "./page";

interface Parts {
  dialog: HTMLDialogElement;
  input: HTMLInputElement;
  combobox: Combobox;
}

let parts: Parts | null = null;

/** What this page offers by a key and a label, as far as it fits. */
function actions(text: string): HTMLElement[] {
  const wanted = text.toLowerCase();
  const offered = document.querySelectorAll<HTMLElement>("[data-key][data-label]");
  return [...offered]
    .filter((one) => one.checkVisibility() && (one.dataset["label"] ?? "").toLowerCase().includes(wanted))
    .map((one, place) => {
      const option = document.createElement("li");
      option.role = "option";
      option.id = `action-${place}`;
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = one.dataset["label"] ?? "";
      const key = document.createElement("kbd");
      key.textContent = (one.dataset["key"] ?? "").toUpperCase();
      option.append(name, key);
      option.addEventListener("palette:do", () => one.click());
      return option;
    });
}

function make(): Parts {
  const dialog = document.createElement("dialog");
  dialog.id = "palette";
  dialog.className = "palette";
  dialog.ariaLabel = "Search or jump to";
  const input = document.createElement("input");
  input.type = "text";
  input.ariaLabel = "Search or jump to";
  input.placeholder = "Search or jump to…";
  input.autocomplete = "off";
  input.spellcheck = false;
  const list = document.createElement("ul");
  list.id = "palette-list";
  list.role = "listbox";
  list.ariaLabel = "Results";
  list.hidden = true;
  const status = document.createElement("span");
  status.className = "unseen";
  status.role = "status";
  dialog.append(input, list, status);
  document.body.append(dialog);

  const combobox = new Combobox({
    input,
    list,
    status,
    takesFirst: true,
    text: () => input.value.trim(),
    onEscape: () => dialog.close(),
    async find(text, signal) {
      const url = new URL("/palette", location.href);
      url.searchParams.set("q", text);
      const all = document.createDocumentFragment();
      all.append(...actions(text));
      const found = await fetchPiece(url, signal);
      if (found) all.append(found);
      return all;
    },
    choose(option) {
      dialog.close();
      const { href } = option.dataset;
      if (href) location.assign(href);
      else option.dispatchEvent(new Event("palette:do"));
    },
  });
  // A click beside it.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => combobox.close());
  return { dialog, input, combobox };
}

/** Opens the palette; closes it when it is open. */
export function togglePalette(): void {
  // A swap of the whole page may have taken it along.
  if (!parts?.dialog.isConnected) parts = make();
  const { dialog, input, combobox } = parts;
  if (dialog.open) {
    dialog.close();
    return;
  }
  input.value = "";
  dialog.showModal();
  input.focus();
  void combobox.open();
}

export function watchPalette(): void {
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-opens-palette]")) togglePalette();
  });
}
