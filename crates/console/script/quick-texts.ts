// Answers that were written before: put into the message at a click, or begun with `/`.

function composerOf(target: EventTarget | null): HTMLFormElement | null {
  return target instanceof Element ? target.closest<HTMLFormElement>("form.composer") : null;
}

/** Puts a text where the caret stands, as if it had been typed. */
export function insert(field: HTMLTextAreaElement, text: string): void {
  field.focus();
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

export function watchQuickTexts(): void {
  document.addEventListener("click", (event) => {
    const form = composerOf(event.target);
    const choice = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-inserts]") : null;
    const field = form?.querySelector("textarea");
    for (const open of document.querySelectorAll<HTMLDetailsElement>(".quick-texts[open]")) {
      if (choice || !(event.target instanceof Node) || !open.contains(event.target)) open.open = false;
    }
    if (choice && field) insert(field, choice.dataset["inserts"] ?? "");
  });
  document.addEventListener("keydown", (event) => {
    const form = composerOf(event.target);
    const choices = form?.querySelector<HTMLDetailsElement>(".quick-texts");
    const field = form?.querySelector("textarea");
    if (!choices || !field) return;
    const buttons = [...choices.querySelectorAll<HTMLElement>("[data-inserts]")];
    const place = buttons.indexOf(document.activeElement as HTMLElement);
    if (event.key === "/" && event.target === field && field.value === "") {
      event.preventDefault();
      choices.open = true;
      buttons[0]?.focus();
    } else if (event.key === "Escape" && choices.open) {
      event.preventDefault();
      choices.open = false;
      field.focus();
    } else if (place >= 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : buttons.length - 1;
      buttons[(place + step) % buttons.length]?.focus();
    }
  });
}
