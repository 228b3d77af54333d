// Notices: they leave by themselves when they have been seen, and wait while somebody is at them.

import { each, on } from "./page";

/** A notice with something to press stays this long at least. */
const SHORTEST_WITH_ACTION_SECONDS = 12;

function closing(): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet icon";
  button.dataset["toastClose"] = "";
  button.ariaLabel = "Close this notice";
  button.textContent = "×";
  return button;
}

function leaveAfter(toast: HTMLElement, seconds: number): void {
  let timer: number | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), seconds * 1000);
  };
  const stay = () => clearTimeout(timer);
  const go = () => {
    if (!toast.matches(":hover, :focus-within")) wait();
  };
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", go);
  // The focus is still inside while it leaves.
  toast.addEventListener("focusout", () => setTimeout(go));
  wait();
}

/** Shows a notice of the script's own. */
export function notify(role: "status" | "alert", text: string): void {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.role = role;
  toast.dataset["toast"] = "";
  const words = document.createElement("p");
  words.textContent = text;
  toast.append(words);
  document.getElementById("toasts")?.append(toast);
}

export function watchToasts(): void {
  each<HTMLElement>("#toasts [data-toast]", (toast) => {
    // Several of the same kind may be shown at once.
    toast.removeAttribute("id");
    if (!toast.querySelector("[data-toast-close]")) toast.append(closing());
    const asked = Number(toast.dataset["toastSeconds"] ?? 0);
    if (!(asked > 0)) return;
    const hasAction = toast.querySelector("a[href], button:not([data-toast-close])") !== null;
    leaveAfter(toast, hasAction ? Math.max(asked, SHORTEST_WITH_ACTION_SECONDS) : asked);
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    event.target.closest("[data-toast-close]")?.closest("[data-toast]")?.remove();
  });
  // What the notice offered has been done, or refused with a notice of its own.
  on("htmx:afterRequest", (detail) => {
    if (detail.xhr.status === 0) return;
    detail.requestConfig.elt.closest("#toasts [data-toast]")?.remove();
  });
  for (const name of ["htmx:sendError", "htmx:timeout"] as const) {
    on(name, (detail) => {
      // What the page asks for by itself is asked for again; the connection's place tells of it.
      if (detail.requestConfig.elt.id === "main") return;
      notify("alert", "The server did not answer. Nothing that you see here was lost; try again in a moment.");
    });
  }
}
