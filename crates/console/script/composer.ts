// Where an agent writes: Enter sends, what was sent is gone from it, and files are chosen, pasted and dropped.

import { on } from "./page";

function isComposer(form: Element | null): form is HTMLFormElement {
  return form instanceof HTMLFormElement && form.matches(".composer");
}

function composerOf(event: Event): HTMLFormElement | null {
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  return isComposer(form) ? form : null;
}

/** Where a composer's files are; none on channels that carry none. */
function filesOf(form: HTMLFormElement): HTMLInputElement | null {
  return form.querySelector<HTMLInputElement>("input[type=file]");
}

function choose(input: HTMLInputElement, files: File[]): void {
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  input.files = all.files;
  list(input);
}

/** Shows which files are chosen, each with the way to take it back. A message of files needs no text. */
function list(input: HTMLInputElement): void {
  const form = input.form;
  const chosen = form?.querySelector(".chosen");
  if (!form || !chosen) return;
  const files = [...(input.files ?? [])];
  chosen.replaceChildren(...files.map((file) => {
    const item = document.createElement("li");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "quiet small";
    remove.textContent = "✕";
    remove.setAttribute("aria-label", `Take back ${file.name}`);
    remove.addEventListener("click", () => {
      choose(input, files.filter((other) => other !== file));
      form.querySelector("textarea")?.focus();
    });
    item.append(file.name, remove);
    return item;
  }));
  for (const text of form.querySelectorAll("textarea")) text.required = files.length === 0;
}

function empty(form: HTMLFormElement): void {
  for (const text of form.querySelectorAll("textarea")) text.value = "";
  const files = filesOf(form);
  if (files) choose(files, []);
}

/** Takes in files that were pasted or dropped: whether there were any. */
function take(form: HTMLFormElement, data: DataTransfer | null): boolean {
  const input = filesOf(form);
  const files = [...(data?.files ?? [])];
  if (!input || files.length === 0) return false;
  choose(input, [...(input.files ?? []), ...files]);
  return true;
}

function watchFiles(): void {
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && composerOf(event) && event.target.type === "file") list(event.target);
  });
  document.addEventListener("paste", (event) => {
    const form = composerOf(event);
    if (form && take(form, event.clipboardData)) event.preventDefault();
  });
  for (const name of ["dragover", "dragleave", "drop"] as const) {
    document.addEventListener(name, (event) => {
      const form = composerOf(event);
      if (!form || !filesOf(form) || !event.dataTransfer?.types.includes("Files")) return;
      form.classList.toggle("is-over", name === "dragover");
      if (name !== "dragleave") event.preventDefault();
      if (name === "drop") take(form, event.dataTransfer);
    });
  }
  // The page that came knows nothing of what was chosen meanwhile.
  on("htmx:afterSwap", () => {
    document.querySelectorAll<HTMLInputElement>(".composer input[type=file]").forEach(list);
  });
}

export function watchComposer(): void {
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
    if (!(target instanceof HTMLTextAreaElement) || !isComposer(target.form)) return;
    event.preventDefault();
    if (target.value.trim() || filesOf(target.form)?.files?.length) target.form.requestSubmit();
  });
  on("htmx:beforeSwap", (detail) => {
    const form = detail.requestConfig.elt;
    if (isComposer(form) && detail.xhr.status < 400) empty(form);
  });
  on("htmx:afterSwap", (detail) => {
    const form = detail.requestConfig.elt;
    // What came back is read, and gone on with, where it was written.
    if (isComposer(form) && detail.xhr.status >= 400) form.querySelector("textarea")?.focus();
  });
  watchFiles();
}
