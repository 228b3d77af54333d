// All emoji, to be looked through and looked for. A script of its own: see emoji.ts.

import all from "../emoji-data.json";

type Emoji = [emoji: string, name: string, shortcodes: string, words: string];
const groups = all as unknown as [group: string, emoji: Emoji[]][];

const RECENT = "headwater-emoji";
const RECENT_MAX = 18;
const FOUND_MAX = 90;
const OFFERED_MAX = 6;

/** The emoji of a shortcode. */
export function named(shortcode: string): string | undefined {
  const wanted = shortcode.toLowerCase();
  for (const [, emoji] of groups) {
    const found = emoji.find(([, , names]) => names.split(" ").includes(wanted));
    if (found) return found[0];
  }
  return undefined;
}

/** Those with a shortcode that begins so, each with it; the shortest first. */
export function beginning(text: string): [string, string][] {
  const wanted = text.toLowerCase();
  const found: [string, string][] = [];
  for (const [, emoji] of groups) {
    for (const [one, , names] of emoji) {
      const name = names.split(" ").find((known) => known.startsWith(wanted));
      if (name) found.push([one, name]);
    }
  }
  return found.sort(([, one], [, other]) => one.length - other.length).slice(0, OFFERED_MAX);
}

/** How well an emoji fits what is looked for: by its name, by a word of it, by what is said of it; not at all. */
function fit([, name, shortcodes, words]: Emoji, wanted: string): number {
  if (name.startsWith(wanted)) return 3;
  if (`${name} ${shortcodes}`.split(/[ _-]/).some((word) => word.startsWith(wanted))) return 2;
  return words.split(" ").some((word) => word.startsWith(wanted)) ? 1 : 0;
}

function found(text: string): Emoji[] {
  const wanted = text.trim().toLowerCase();
  const fits = groups.flatMap(([, emoji]) => emoji.map((one) => ({ one, how: fit(one, wanted) })));
  const best = fits.filter(({ how }) => how > 0).sort((one, other) => other.how - one.how);
  return best.slice(0, FOUND_MAX).map(({ one }) => one);
}

function recent(): Emoji[] {
  const kept = (localStorage.getItem(RECENT) ?? "").split(" ").filter((one) => one !== "");
  const known = new Map(groups.flatMap(([, emoji]) => emoji.map((one): [string, Emoji] => [one[0], one])));
  return kept.map((one) => known.get(one)).filter((one) => one !== undefined);
}

function remember(emoji: string): void {
  const kept = (localStorage.getItem(RECENT) ?? "").split(" ");
  const all = [emoji, ...kept.filter((one) => one !== emoji && one !== "")];
  try {
    localStorage.setItem(RECENT, all.slice(0, RECENT_MAX).join(" "));
  } catch {
    // Storage is full or forbidden: there are none then.
  }
}

function section(title: string, emoji: Emoji[]): HTMLElement {
  const part = document.createElement("section");
  const heading = document.createElement("h3");
  heading.textContent = title.charAt(0).toUpperCase() + title.slice(1);
  const buttons = emoji.map(([one, name]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.tabIndex = -1;
    button.textContent = one;
    button.title = name;
    button.ariaLabel = name;
    button.dataset["emoji"] = one;
    return button;
  });
  const grid = document.createElement("div");
  grid.append(...buttons);
  part.append(heading, grid);
  return part;
}

/** The button in the row above or below that is nearest. */
function inNextRow(buttons: HTMLElement[], from: HTMLElement, step: 1 | -1): HTMLElement | undefined {
  const { left, top } = from.getBoundingClientRect();
  let row: number | undefined;
  let best: HTMLElement | undefined;
  let distance = Infinity;
  for (let place = buttons.indexOf(from) + step; buttons[place]; place += step) {
    const box = buttons[place]!.getBoundingClientRect();
    if (Math.abs(box.top - top) < 1) continue;
    row ??= box.top;
    if (Math.abs(box.top - row) >= 1) break;
    if (Math.abs(box.left - left) < distance) [best, distance] = [buttons[place], Math.abs(box.left - left)];
  }
  return best;
}

/** Fills a popover with a search and all emoji; `choose` gets the one that somebody takes. */
export function fill(place: HTMLElement, choose: (emoji: string) => void): void {
  const search = document.createElement("input");
  search.type = "search";
  search.placeholder = "Search emoji";
  search.ariaLabel = "Search emoji";
  const list = document.createElement("div");
  list.className = "emoji-list";
  const show = () => {
    const wanted = search.value.trim();
    const last = recent();
    const parts = wanted
      ? [section("Found", found(wanted))]
      : [...(last.length > 0 ? [section("Used lately", last)] : []), ...groups.map(([title, emoji]) => section(title, emoji))];
    list.replaceChildren(...parts);
    const first = list.querySelector("button");
    // One of them is reached by tabbing, the others from it by arrows.
    if (first) first.tabIndex = 0;
    else list.textContent = "No emoji is called so.";
  };
  const take = (button: HTMLElement) => {
    remember(button.dataset["emoji"] ?? "");
    choose(button.dataset["emoji"] ?? "");
  };
  search.addEventListener("input", show);
  list.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>("[data-emoji]") : null;
    if (button) take(button);
  });
  place.onkeydown = (event) => {
    const buttons = [...list.querySelectorAll<HTMLElement>("button")];
    const here = buttons.find((one) => one === document.activeElement);
    const moves: Record<string, () => HTMLElement | undefined> = {
      ArrowRight: () => here && buttons[buttons.indexOf(here) + 1],
      ArrowLeft: () => here && buttons[buttons.indexOf(here) - 1],
      ArrowDown: () => (here ? inNextRow(buttons, here, 1) : buttons[0]),
      ArrowUp: () => here && (inNextRow(buttons, here, -1) ?? search),
    };
    if (event.key === "Enter" && event.target === search && buttons[0]) {
      event.preventDefault();
      return take(buttons[0]);
    }
    const next = moves[event.key]?.();
    if (!next) return;
    event.preventDefault();
    for (const one of buttons) one.tabIndex = one === next ? 0 : -1;
    next.focus();
  };
  place.replaceChildren(search, list);
  show();
  search.focus();
}
