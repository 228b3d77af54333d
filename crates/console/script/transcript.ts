// The transcript follows its end, unless somebody has scrolled up: then it says how many messages have come since.
// What came before is fetched as they come near, and taken away when they are far: however far back somebody
// reads, the page holds a few pieces of it.

import htmx from "htmx.org";
import { each, fetchPiece } from "./page";

/** How near to its end a transcript counts as being there, in pixels. */
const NEAR = 80;
/** What came before is fetched when its place is so near to being seen. */
const AHEAD = "900px";
/** Most pieces of what came before that are kept, of up to 60 entries each. */
const PIECES_MAX = 8;
/** When a piece that could not be had is tried again. */
const AGAIN_MILLISECONDS = 2000;

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

/** Takes pieces away that are far from what is seen, and leaves their place empty; fetches them when they come near. */
function keepLight(transcript: HTMLElement): void {
  const near = new Set<HTMLElement>();
  /** Those that are there, the one that came near last at the end. */
  const there = new Set<HTMLElement>();
  const takeAway = () => {
    for (const piece of there) {
      if (there.size <= PIECES_MAX) return;
      if (near.has(piece) || piece.contains(document.activeElement)) continue;
      there.delete(piece);
      piece.style.height = `${piece.getBoundingClientRect().height}px`;
      piece.replaceChildren();
    }
  };
  const fill = async (piece: HTMLElement) => {
    const from = new URL(piece.dataset["from"] ?? "", location.href);
    const came = await fetchPiece(from, AbortSignal.timeout(10_000)).catch(() => null);
    const said = came?.querySelector(".piece");
    if (!piece.isConnected || piece.hasChildNodes()) return;
    if (said) {
      piece.replaceChildren(...said.childNodes);
      piece.style.height = "";
      htmx.process(piece);
      there.add(piece);
    } else if (near.has(piece)) {
      setTimeout(() => near.has(piece) && void fill(piece), AGAIN_MILLISECONDS);
    }
  };
  const watched = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const piece = target as HTMLElement;
      if (!isIntersecting) {
        near.delete(piece);
        continue;
      }
      near.add(piece);
      if (!piece.hasChildNodes()) {
        void fill(piece);
        continue;
      }
      there.delete(piece);
      there.add(piece);
    }
    takeAway();
  }, { root: transcript, rootMargin: AHEAD });
  each<HTMLElement>(".piece", (piece) => {
    if (transcript.contains(piece)) watched.observe(piece);
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
    keepLight(transcript);
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
