// A draft that is offered at the head of its form, and put into it.

export interface Draft {
  /** When it was written, in milliseconds. */
  at: number;
  fields: [string, string][];
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
export function offer(form: HTMLFormElement, draft: Draft, discard: () => void): void {
  const bar = document.createElement("div");
  bar.className = "draft-offer";
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
      discard();
      end();
    }),
  );
  form.prepend(bar);
  // After it has come, so that it is read out.
  setTimeout(() => (words.textContent = `You have an unsaved draft from ${clock(draft.at)}.`));
}
