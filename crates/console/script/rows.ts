// Lists by keyboard and pointer: the focus goes from row to row, and a row is as good as its link.

function rowsOf(list: Element): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[data-href]")];
}

function link(row: Element | undefined): HTMLAnchorElement | null {
  return row?.querySelector<HTMLAnchorElement>("a[href]") ?? null;
}

/** The list that keys move in: that with the focus, else the page's first. */
function listOf(target: Element | null): Element | null {
  return target?.closest("[data-list]") ?? document.querySelector("[data-list]");
}

/** Moves the focus to the next or the previous row. */
export function moveRow(by: 1 | -1): boolean {
  const focused = document.activeElement;
  const list = listOf(focused);
  if (!list) return false;
  const rows = rowsOf(list);
  const isInRow = rows.findIndex((row) => row.contains(focused));
  const shown = rows.findIndex((row) => row.querySelector("[aria-current]"));
  const from = isInRow >= 0 ? isInRow : shown;
  // From nowhere, either way leads to the first.
  const to = from < 0 ? 0 : Math.min(Math.max(from + by, 0), rows.length - 1);
  const next = link(rows[to]);
  next?.focus();
  rows[to]?.scrollIntoView({ block: "nearest" });
  return next !== null;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : null;
  // Arrows scroll the page until a row has the focus.
  const isInRow = event.target instanceof Element && event.target.closest("[data-list] [data-href]");
  if (by !== null && isInRow && moveRow(by)) event.preventDefault();
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || !(event.target instanceof Element)) return;
  const row = event.target.closest("[data-list] [data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary, [popover]")) return;
  // Whoever marks a text does not want to go away.
  if (getSelection()?.toString()) return;
  const { ctrlKey, metaKey, shiftKey } = event;
  // As a click on the link itself, so that its attributes and the browser's ways with links hold.
  link(row)?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
}

export function watchRows(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
}
