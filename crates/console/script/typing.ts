// Who is writing: the other side is told while somebody writes here, and shown here while it does. Nothing of
// what is written is told, only that somebody does.

/** While somebody goes on writing, it is told again after so long. */
const AGAIN_MILLISECONDS = 3_000;
/** Whoever writes nothing for so long has stopped. */
const STOPPED_MILLISECONDS = 5_000;
/** Whoever is not told to write again for so long has stopped, or is gone. */
const SHOWN_MILLISECONDS = 8_000;

/** What the stream of a page tells. */
interface Sign {
  session: string;
  /** The user who writes; the customer when there is none. */
  user: string | null;
  name: string | null;
  on: boolean;
}

/** Who is shown to write, by user, each until when; the customer is `""`. */
const writing = new Map<string, { name: string | null; timer: number }>();
let toldAt = 0;
let stopping: number | undefined;

function tell(form: HTMLFormElement, isOn: boolean): void {
  const to = form.dataset["typing"];
  const token = new FormData(form).get("form_token");
  if (!to || typeof token !== "string") return;
  toldAt = isOn ? Date.now() : 0;
  const body = new URLSearchParams({ form_token: token, ...(isOn && { on: "1" }) });
  // Whether it arrives does not matter.
  void fetch(to, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => {});
}

function stop(form: HTMLFormElement): void {
  clearTimeout(stopping);
  if (toldAt > 0) tell(form, false);
}

function place(): HTMLElement | null {
  return document.getElementById("typing");
}

function show(): void {
  const shown = place();
  if (!shown) return;
  const words = [...writing].map(([user, { name }]) =>
    user === "" ? `${shown.dataset["customer"] ?? ""} is typing…` : `${name ?? ""} is writing an answer…`);
  const text = words.join(" ");
  if (shown.textContent !== text) shown.textContent = text;
}

function hear(sign: Sign): void {
  const who = sign.user ?? "";
  if (place()?.dataset["session"] !== sign.session || who === document.body.dataset["user"]) return;
  clearTimeout(writing.get(who)?.timer);
  writing.delete(who);
  if (sign.on) {
    const gone = () => {
      writing.delete(who);
      show();
    };
    writing.set(who, { name: sign.name, timer: setTimeout(gone, SHOWN_MILLISECONDS) });
  }
  show();
}

/** Whether a place that shows who writes goes on doing so when its page is asked for again. */
export function isSameTyping(old: Element, other: Node): boolean {
  if (!(old instanceof HTMLElement) || !(other instanceof HTMLElement) || !old.matches(".typing")) return false;
  return old.dataset["session"] === other.dataset["session"];
}

/** Takes in what a page's stream tells. */
export function hearTyping(data: string): void {
  hear(JSON.parse(data) as Sign);
}

export function watchTyping(): void {
  document.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLTextAreaElement)) return;
    const { form } = target;
    if (!form?.matches(".composer")) return;
    if (!target.value.trim()) return stop(form);
    clearTimeout(stopping);
    stopping = setTimeout(() => stop(form), STOPPED_MILLISECONDS);
    if (Date.now() - toldAt > AGAIN_MILLISECONDS) tell(form, true);
  });
  document.addEventListener("submit", ({ target }) => {
    if (target instanceof HTMLFormElement && target.matches(".composer")) stop(target);
  });
}
