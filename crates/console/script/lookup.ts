// A field that refers to a record: offers those that fit as somebody types. Without script the
// server finds the record by what was typed.

import { Combobox } from "./combobox";
import { each, fetchPiece } from "./page";

let count = 0;

function upgrade(lookup: HTMLElement): void {
  const hidden = lookup.querySelector<HTMLInputElement>("input[type=hidden]");
  const input = lookup.querySelector<HTMLInputElement>("input:not([type=hidden])");
  const source = lookup.dataset["lookup"];
  if (!hidden || !input || !source) return;
  count += 1;
  const list = document.createElement("ul");
  list.id = `lookup-${count}`;
  list.role = "listbox";
  list.hidden = true;
  list.ariaLabel = input.labels?.[0]?.textContent?.trim() || "Records";
  const status = document.createElement("span");
  status.className = "unseen";
  status.role = "status";
  lookup.append(list, status);
  lookup.dataset["upgraded"] = "";

  const set = (id: string) => {
    if (hidden.value === id) return;
    hidden.value = id;
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  };
  /** The text that the field shows for the record that is chosen. */
  let shown = input.value;
  const combobox = new Combobox({
    input,
    list,
    status,
    // Somebody who looks at what is chosen wants to see the others, not to find it again.
    text: () => (input.value === shown && hidden.value !== "" ? "" : input.value.trim()),
    async find(text, signal) {
      const url = new URL(source, location.href);
      url.searchParams.set("q", text);
      const found = await fetchPiece(url, signal);
      for (const option of found?.querySelectorAll("[data-href]") ?? []) option.classList.add("new");
      return found;
    },
    choose(option) {
      const { id, name, href } = option.dataset;
      if (href) {
        open(href, "_blank", "noopener");
      } else if (id) {
        input.value = shown = name ?? option.textContent?.trim() ?? "";
        set(id);
      }
    },
  });
  // A text that was not chosen from the list means no record yet: the server finds it.
  input.addEventListener("input", () => set(""));
  input.addEventListener("click", () => {
    if (!combobox.isOpen) void combobox.open();
  });
}

export function upgradeLookups(): void {
  each<HTMLElement>(".lookup[data-lookup]", upgrade);
}
