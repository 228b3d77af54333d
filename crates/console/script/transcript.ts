// The transcript follows its end, unless somebody has scrolled up: then it says how many messages have come since.
// What came before is fetched as they come near.

import htmx from "htmx.org";
import { each } from "./page";

/** How near to its end a transcript counts as being there, in pixels. */
const NEAR = 80;
/** What came before is fetched when its place is so near to being seen. */
const AHEAD = "900px";

function newerOf(transcript: Element): HTMLElement | null {
  return transcript.parentElement?.querySelector<HTMLElement>("#newer") ?? null;
}

/** Messages of the stretch that grows; what the server says by itself is none. */
function entriesIn(transcript: Element): Set<string> {
  const entries = transcript.querySelectorAll("#newest .entry:not(.event)");
  return new Set([...entries].map((entry) => entry.id));
}

/** A day is named once, also where one stretch ends and the next begins. */
function nameDaysOnce(transcript: Element): void {
  let last: string | undefined;
  for (const mark of transcript.querySelectorAll<HTMLElement>(".day, .session-divider")) {
    mark.classList.toggle("is-again", mark.dataset["day"] !== undefined && mark.dataset["day"] === last);
    last = mark.dataset["day"];
  }
}

function follow(transcript: HTMLElement): void {
  let isAtEnd = true;
  let known = entriesIn(transcript);
  /** Those that have come since its end was seen. */
  let missed = 0;
  const say = () => {
    const newer = newerOf(transcript);
    const button = newer?.querySelector("button");
    if (!newer || !button) return;
    newer.hidden = missed === 0;
    button.textContent = `${missed} new ${missed === 1 ? "message" : "messages"} ↓`;
  };
  const toEnd = () => {
    if (isAtEnd) transcript.scrollTop = transcript.scrollHeight;
  };
  const begin = () => {
    const mark = transcript.querySelector<HTMLElement>("#new-since");
    transcript.scrollTop = transcript.scrollHeight;
    // What is new is read from its beginning on.
    if (mark) transcript.scrollTop = Math.min(transcript.scrollTop, mark.offsetTop - transcript.offsetTop - NEAR / 2);
  };
  nameDaysOnce(transcript);
  begin();
  // Images have their height when they are there.
  transcript.addEventListener("load", toEnd, true);
  transcript.addEventListener("scroll", () => {
    isAtEnd = transcript.scrollHeight - transcript.scrollTop - transcript.clientHeight < NEAR;
    if (isAtEnd && missed > 0) {
      missed = 0;
      say();
    }
  }, { passive: true });
  newerOf(transcript)?.addEventListener("click", () => {
    isAtEnd = true;
    toEnd();
    transcript.focus({ preventScroll: true });
  });
  new MutationObserver(() => {
    const now = entriesIn(transcript);
    if (!isAtEnd) missed += [...now].filter((entry) => !known.has(entry)).length;
    known = now;
    nameDaysOnce(transcript);
    say();
    toEnd();
  }).observe(transcript, { childList: true, subtree: true });
}

/** Keeps what is seen where it is while something is put in above it. */
function watchWayBack(transcript: HTMLElement): void {
  let height = 0;
  let top = 0;
  transcript.addEventListener("htmx:beforeSwap", () => {
    height = transcript.scrollHeight;
    top = transcript.scrollTop;
  });
  transcript.addEventListener("htmx:afterSettle", () => {
    // Where the browser has not done it by itself, as at the very beginning.
    if (height > 0 && transcript.scrollTop === top) transcript.scrollTop = top + transcript.scrollHeight - height;
    height = 0;
  });
}

/** What is read when the page comes into view again is new since it went out of it. */
function lookAnew(): void {
  if (document.visibilityState === "hidden") document.querySelector<HTMLInputElement>("#reading [name=seen]")?.remove();
}

export function watchTranscript(): void {
  each<HTMLElement>("#transcript", (transcript) => {
    follow(transcript);
    watchWayBack(transcript);
    const seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        // One that has just come may be seen before htmx has looked at it.
        htmx.process(target);
        htmx.trigger(target, "click");
      }
    }, { root: transcript, rootMargin: AHEAD });
    each<HTMLElement>(".way-back", (link) => {
      if (transcript.contains(link)) seen.observe(link);
    });
  });
  document.addEventListener("visibilitychange", lookAnew);
}
