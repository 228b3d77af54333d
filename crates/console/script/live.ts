// A page that shows records is told when one of them has changed, and asks for itself again.

import { each, middle, on, refresh, signIn } from "./page";
import { attended, hearSign } from "./signs";
import { hasUnsaved } from "./unsaved";

const FIRST_WAIT_MILLISECONDS = 500;
const LONGEST_WAIT_MILLISECONDS = 30_000;
/** Changes that come together lead to one request. */
const GATHERED_MILLISECONDS = 20;
/** When a page that is behind is asked for once more, and how often it is asked for because of one change. */
const REFRESHED_AGAIN_MILLISECONDS = 1000;
const REFRESHES_MAX = 4;

/** What the page's `#connection` says. */
const STATES = {
  off: "",
  live: "Live",
  waiting: "Reconnecting…",
  "signed-out": "You are signed out",
};

let source: EventSource | null = null;
/** What the open stream watches. */
let watched = "";
/** The newest change that this page knows of. */
let after = "";
let failures = 0;
let waiting: number | undefined;
let gathering: number | undefined;

/** What the page shows now; empty when nothing of it is live. */
function shown(): string {
  const { live, liveObjects } = middle()?.dataset ?? {};
  if (!live && !liveObjects) return "";
  const query = new URLSearchParams({ ids: live ?? "", objects: liveObjects ?? "", attends: attended() });
  return query.toString();
}

function say(state: keyof typeof STATES): void {
  const place = document.getElementById("connection");
  if (!place || place.dataset["state"] === state) return;
  place.dataset["state"] = state;
  place.textContent = STATES[state];
}

function close(): void {
  clearTimeout(waiting);
  source?.close();
  source = null;
}

function address(): string {
  const since = after ? `&after=${encodeURIComponent(after)}` : "";
  return `/live?${watched}${since}`;
}

/** Whether something has changed after what the page shows was made. */
function isBehind(): boolean {
  return Number(middle()?.dataset["liveAfter"] ?? 0) < Number(after || 0);
}

/** Asks for the page; and once more, so often at most, when it has not come: htmx drops a request that waits for its
 * turn when what is put in meanwhile changes the element that it is for. */
function refreshSoon(wait = GATHERED_MILLISECONDS, times = REFRESHES_MAX): void {
  clearTimeout(gathering);
  gathering = setTimeout(() => {
    if (wait !== GATHERED_MILLISECONDS && !isBehind()) return;
    refresh();
    if (times > 1) refreshSoon(REFRESHED_AGAIN_MILLISECONDS, times - 1);
  }, wait);
}

function open(): void {
  close();
  const stream = new EventSource(address());
  source = stream;
  stream.addEventListener("open", () => {
    failures = 0;
    say("live");
  });
  stream.addEventListener("change", (event) => {
    if (event.lastEventId) after = event.lastEventId;
    refreshSoon();
  });
  stream.addEventListener("sign", (event) => hearSign(event.data));
  stream.addEventListener("error", () => {
    if (stream !== source) return;
    // A stream that was refused is not tried again by the browser, and one that has ended too soon
    // and by all pages at once. So it is done here, in both cases.
    const wasRefused = stream.readyState === EventSource.CLOSED;
    close();
    again();
    if (wasRefused) void lookWhy();
  });
}

/** Waits longer each time, and never as long as the others do. */
function again(): void {
  const longest = Math.min(LONGEST_WAIT_MILLISECONDS, FIRST_WAIT_MILLISECONDS * 2 ** failures);
  // A stream that ends in time is taken up at once, and nobody needs to hear of it.
  if (failures > 0) say("waiting");
  failures += 1;
  waiting = setTimeout(follow, longest / 2 + (Math.random() * longest) / 2);
}

/** Whether the stream was refused because nobody is signed in any more. */
async function lookWhy(): Promise<void> {
  const stop = new AbortController();
  try {
    const answer = await fetch(address(), { headers: { "HX-Request": "true" }, signal: stop.signal });
    stop.abort();
    if (answer.status !== 401) return;
    close();
    say("signed-out");
    // Work that is not saved is not left behind; whoever saves it is asked to sign in.
    if (!hasUnsaved()) signIn();
  } catch {
    // The server is not there: it is tried again in any case.
  }
}

/** Watches what the page shows now, while somebody can see it. */
function follow(): void {
  const now = document.visibilityState === "visible" ? shown() : "";
  if (now === "") {
    close();
    if (shown() === "") say("off");
    watched = "";
    return;
  }
  if (source && now === watched) {
    if (source.readyState === EventSource.OPEN) say("live");
    return;
  }
  watched = now;
  open();
}

export function followChanges(): void {
  after = middle()?.dataset["liveAfter"] ?? "";
  // A page that has asked for itself again knows of all changes until then.
  each<HTMLElement>("main", follow);
  on("htmx:afterSwap", (_detail, event) => {
    const main = middle();
    if (!main || !(event.target instanceof Node) || !main.contains(event.target)) return;
    const made = main.dataset["liveAfter"];
    if (made && Number(made) > Number(after || 0)) after = made;
    else if (isBehind()) refreshSoon();
    follow();
  });
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => {
    if (event.persisted) refresh();
    follow();
  });
  addEventListener("online", () => {
    failures = 0;
    follow();
  });
}

