// Who is writing, and who else is looking: the other side is told while somebody writes here, and shown here while
// it does. Nothing of what is written is told, only that somebody does.

/** While somebody goes on writing, it is told again after so long. */
const AGAIN_MILLISECONDS = 3_000;
/** Whoever writes nothing for so long has stopped. */
const STOPPED_MILLISECONDS = 5_000;
/** Whoever is not told to write again for so long has stopped, or is gone. */
const WRITES_MILLISECONDS = 8_000;
/** Whoever is not told to look for so long is gone: the server says it every ten seconds. */
const LOOKS_MILLISECONDS = 25_000;

/** What the stream of a page tells. */
interface Sign {
  session: string;
  /** The user who does it; the customer when there is none. */
  user: string | null;
  name: string | null;
  does: "writes" | "stops" | "comes" | "looks" | "leaves";
}

/** Who is shown, each until when: by what they do, then by user; the customer is `""`. */
const shown = { writes: new Map<string, Shown>(), looks: new Map<string, Shown>() };
/** Which session they are shown in. */
let session: string | undefined;

interface Shown {
  name: string;
  timer: number;
}

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
  return document.querySelector<HTMLElement>("#signs");
}

function say(selector: string, text: string): void {
  const here = place()?.querySelector<HTMLElement>(selector);
  // What is the same is not said again to those who listen.
  if (here && here.textContent !== text) here.textContent = text;
}

/** Names as people list them. */
function listed(names: string[]): string {
  return new Intl.ListFormat("en").format(names);
}

function show(): void {
  const here = place();
  if (!here) return;
  const customer = shown.writes.has("") ? `${here.dataset["customer"] ?? ""} is typing…` : "";
  const writers = [...shown.writes].filter(([user]) => user !== "");
  const onlookers = [...shown.looks].filter(([user]) => !shown.writes.has(user));
  const names = (list: [string, Shown][]) => listed(list.map(([, one]) => one.name));
  const verb = (list: unknown[]) => (list.length > 1 ? "are" : "is");
  say(".customer-types", customer);
  say(".colleague-writes", writers.length > 0 ? `${names(writers)} ${verb(writers)} writing an answer…` : "");
  say(".colleague-looks", onlookers.length > 0 ? `${names(onlookers)} ${verb(onlookers)} looking at this session too.` : "");
}

function forget(list: Map<string, Shown>, user: string): void {
  clearTimeout(list.get(user)?.timer);
  list.delete(user);
}

function note(list: Map<string, Shown>, user: string, name: string, milliseconds: number): void {
  forget(list, user);
  const gone = () => {
    list.delete(user);
    show();
  };
  list.set(user, { name, timer: setTimeout(gone, milliseconds) });
}

function hear(sign: Sign): void {
  const user = sign.user ?? "";
  const here = place()?.dataset["session"];
  if (here !== sign.session || user === document.body.dataset["user"]) return;
  if (session !== here) {
    for (const list of Object.values(shown)) for (const known of [...list.keys()]) forget(list, known);
    session = here;
  }
  const name = sign.name ?? "";
  if (sign.does === "writes") note(shown.writes, user, name, WRITES_MILLISECONDS);
  else if (sign.does === "stops") forget(shown.writes, user);
  else if (sign.does === "leaves") for (const list of Object.values(shown)) forget(list, user);
  else note(shown.looks, user, name, LOOKS_MILLISECONDS);
  show();
}

/** Takes in what a page's stream tells. */
export function hearSign(data: string): void {
  hear(JSON.parse(data) as Sign);
}

/** The session that the page's visitor attends, of which others are told. */
export function attended(): string {
  return document.querySelector<HTMLElement>("[data-attends]")?.dataset["attends"] ?? "";
}

export function watchSigns(): void {
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
