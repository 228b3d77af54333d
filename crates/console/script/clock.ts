// Clocks: what time it is for a customer, and whether it is night, as long as the page is open.

const AGAIN_MILLISECONDS = 5_000;

/** Writers of times, by their zones. One of a zone that this browser does not know is none. */
const writers = new Map<string, Intl.DateTimeFormat | undefined>();

function timeIn(zone: string, now: Date): string | undefined {
  if (!writers.has(zone)) {
    try {
      const form = { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
      writers.set(zone, new Intl.DateTimeFormat("en-GB", form));
    } catch {
      writers.set(zone, undefined);
    }
  }
  return writers.get(zone)?.format(now);
}

/** The earliest and the latest time that it may be; nothing where what the server has written is to stay. */
function times({ dataset }: HTMLElement, now: Date): [string, string] | undefined {
  const [earliest, latest] = [dataset["earliest"] ?? "", dataset["latest"] ?? ""].map((zone) => timeIn(zone, now));
  return earliest !== undefined && latest !== undefined ? [earliest, latest] : undefined;
}

function tell(clock: HTMLElement, now: Date): void {
  const [earliest, latest] = times(clock, now) ?? [];
  if (earliest === undefined || latest === undefined) return;
  const text = earliest === latest ? earliest : `${earliest}–${latest}`;
  if (clock.textContent !== text) clock.textContent = text;
}

/** The hours that it may be, from the earliest to the latest. */
function hoursBetween(earliest: string, latest: string): number[] {
  const [from, to] = [earliest, latest].map((time) => Number(time.slice(0, 2))) as [number, number];
  return Array.from({ length: ((to - from + 24) % 24) + 1 }, (_, place) => (from + place) % 24);
}

function watchNight(note: HTMLElement, now: Date): void {
  const [first, end] = (note.dataset["night"] ?? "").split(" ").map(Number);
  const both = times(note, now);
  const word = note.querySelector<HTMLElement>("[data-surely]");
  if (!both || !word || first === undefined || end === undefined) return;
  const isNight = (hour: number) => hour >= first || hour < end;
  const hours = hoursBetween(...both);
  note.hidden = !hours.some(isNight);
  const text = word.dataset[hours.every(isNight) ? "surely" : "perhaps"] ?? "";
  if (word.textContent !== text) word.textContent = text;
}

export function runClocks(): void {
  setInterval(() => {
    const now = new Date();
    for (const clock of document.querySelectorAll<HTMLElement>("[data-clock]")) tell(clock, now);
    for (const note of document.querySelectorAll<HTMLElement>("[data-night]")) watchNight(note, now);
  }, AGAIN_MILLISECONDS);
}
