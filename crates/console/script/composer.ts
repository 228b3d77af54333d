// Where an agent writes: Enter sends, what was sent is gone from it, and the transcript stays at its end.

import { each, on } from "./page";

/** How near to its end a transcript counts as being there, in pixels. */
const NEAR = 80;

function isComposer(form: Element | null): form is HTMLFormElement {
  return form instanceof HTMLFormElement && form.matches(".composer");
}

export function watchComposer(): void {
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (!(target instanceof HTMLTextAreaElement) || !isComposer(target.form)) return;
    event.preventDefault();
    if (target.value.trim()) target.form.requestSubmit();
  });
  on("htmx:beforeSwap", (detail) => {
    const form = detail.requestConfig.elt;
    if (isComposer(form) && detail.xhr.status < 400) {
      for (const text of form.querySelectorAll("textarea")) text.value = "";
    }
  });
  each<HTMLElement>(".transcript", (transcript) => {
    let isAtEnd = true;
    const follow = () => {
      if (isAtEnd) transcript.scrollTop = transcript.scrollHeight;
    };
    follow();
    transcript.addEventListener("scroll", () => {
      isAtEnd = transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < NEAR;
    });
    new MutationObserver(follow).observe(transcript, { childList: true });
  });
}
