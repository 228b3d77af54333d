// An agent's presence and offers in the page's head. One page of the browser follows the agent's own
// stream and gives the signs of life; it tells the others when something has changed.

import htmx from "htmx.org";
import { each } from "./page";

const NAME = "headwater-work";
const SILENT = "headwater-silent";
const AGAIN_MILLISECONDS = 2_000;
const SECOND_MILLISECONDS = 1_000;
/** Two short tones, the second higher. */
const TONES_HERTZ = [660, 880];
const TONE_SECONDS = 0.16;
const LOUDNESS = 0.12;

const others = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;

/** Whether this page is the one that follows. */
let follows = false;
let source: EventSource | null = null;
let waiting: number | undefined;
/** The offers that were there before, so that a new one is heard. */
let known: Set<string> | null = null;
let audio: AudioContext | null = null;

function place(): HTMLElement | null {
  return document.getElementById("work");
}

function piece(): HTMLElement | null {
  return place()?.querySelector<HTMLElement>(".work-piece") ?? null;
}

function ask(): void {
  const here = place();
  if (here) htmx.trigger(here, "headwater:work");
}

async function giveSign(): Promise<void> {
  const form = piece()?.querySelector<HTMLFormElement>("form[data-beat]");
  if (!form) return;
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) body.append(name, String(value));
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { "HX-Request": "true" }, body });
    if (answer.status === 410 || answer.status === 401) close();
    if (answer.status === 410) ask();
  } catch {
    // The server is not there: the stream ends as well, and is taken up again.
  }
}

function close(): void {
  clearTimeout(waiting);
  source?.close();
  source = null;
}

function open(): void {
  close();
  const stream = new EventSource("/presence/live");
  let began = 0;
  source = stream;
  stream.addEventListener("open", () => {
    began = performance.now();
  });
  stream.addEventListener("work", () => {
    ask();
    others?.postMessage("changed");
  });
  // An event of the server's, for timers of pages in the background run late.
  stream.addEventListener("beat", () => void giveSign());
  stream.addEventListener("error", () => {
    if (stream !== source) return;
    close();
    // One that ends in its time is taken up at once: timers of pages in the background run late.
    const lasted = began > 0 && performance.now() - began > AGAIN_MILLISECONDS;
    if (lasted) again();
    else waiting = setTimeout(again, AGAIN_MILLISECONDS);
  });
}

/** The stream has ended: in its time, with the server, or because the agent is offline by now. */
function again(): void {
  ask();
  follow();
}

function follow(): void {
  const isPresent = piece()?.hasAttribute("data-present") ?? false;
  if (!follows || !isPresent) close();
  else if (!source) open();
}

/** This page follows as soon as no other does, until it is gone. */
function stand(): void {
  const lead = () => {
    follows = true;
    follow();
  };
  // Without locks, as on plain HTTP, each page follows.
  if (!("locks" in navigator)) return lead();
  void navigator.locks.request(NAME, () => {
    lead();
    return new Promise<void>((done) => addEventListener("pagehide", () => done(), { once: true }));
  });
}

function isSilent(): boolean {
  return localStorage.getItem(SILENT) !== null || !piece()?.hasAttribute("data-sounds");
}

function sound(): void {
  if (isSilent()) return;
  audio ??= new AudioContext();
  const begin = audio.currentTime;
  TONES_HERTZ.forEach((hertz, place) => {
    if (!audio) return;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = begin + place * TONE_SECONDS;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(LOUDNESS, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + TONE_SECONDS);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + TONE_SECONDS);
  });
}

function tell(who: string): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  const note = new Notification("A customer waits", { body: who, tag: NAME });
  note.addEventListener("click", () => {
    window.focus();
    note.close();
  });
}

/** What is new among the offers is heard and told, once for the browser. */
function look(): void {
  const cards = [...(piece()?.querySelectorAll<HTMLElement>("[data-offer]") ?? [])];
  const now = new Set(cards.map((card) => card.dataset["offer"] ?? ""));
  // What a page comes with was there before it.
  const fresh = cards.filter((card) => known !== null && !known.has(card.dataset["offer"] ?? ""));
  if (follows && fresh.length > 0) {
    sound();
    tell(fresh.map((card) => card.dataset["who"] ?? "").join(", "));
  }
  known = now;
}

function countDown(countdown: HTMLElement): void {
  const end = performance.now() + Number(countdown.dataset["left"]) * SECOND_MILLISECONDS;
  const timer = setInterval(() => {
    if (!countdown.isConnected) return clearInterval(timer);
    const left = Math.max(0, Math.round((end - performance.now()) / SECOND_MILLISECONDS));
    countdown.textContent = left > 0 ? `${left} s left to answer` : "Going to the next…";
    if (left === 0) {
      clearInterval(timer);
      setTimeout(ask, SECOND_MILLISECONDS);
    }
  }, SECOND_MILLISECONDS);
}

function switchSound(button: HTMLButtonElement): void {
  const say = () => {
    button.textContent = isSilent() ? "Sound: off" : "Sound: on";
    button.setAttribute("aria-pressed", String(!isSilent()));
  };
  button.hidden = false;
  say();
  button.addEventListener("click", () => {
    if (localStorage.getItem(SILENT) === null) localStorage.setItem(SILENT, "");
    else localStorage.removeItem(SILENT);
    say();
    sound();
  });
}

function askForNotifications(button: HTMLButtonElement): void {
  if (!("Notification" in window) || Notification.permission !== "default") return;
  button.hidden = false;
  button.addEventListener("click", () => {
    void Notification.requestPermission().then(() => (button.hidden = true));
  });
}

export function watchWork(): void {
  each<HTMLElement>("#work .work-piece", () => {
    look();
    follow();
  });
  each<HTMLElement>("#work .countdown", countDown);
  each<HTMLButtonElement>("[data-switches-sound]", switchSound);
  each<HTMLButtonElement>("[data-asks-notifications]", askForNotifications);
  // Whoever has changed their status here has changed it in all pages.
  document.addEventListener("htmx:afterRequest", (event) => {
    const sent = event.target;
    if (sent instanceof HTMLFormElement && sent.closest("#work")) others?.postMessage("changed");
  });
  // A refusal is not put into the head, and nobody is sent to sign in from what they are at.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const answer = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
    if (event.target === place() && answer.status >= 400) event.preventDefault();
  });
  others?.addEventListener("message", ask);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    ask();
    stand();
  });
  addEventListener("pagehide", close);
  if (place()) stand();
}
