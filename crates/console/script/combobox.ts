// A text field that offers what fits: the combobox of the ARIA authoring practices, with a list from
// the server. Lookup and palette are made of it.

import Navigation from "@github/combobox-nav";

/** How long to wait for the next letter before the server is asked. */
const PAUSE_MILLISECONDS = 120;

export interface Offers {
  input: HTMLInputElement;
  /** The list, empty and hidden. */
  list: HTMLElement;
  /** Where the number of results is told to those who cannot see them. */
  status: HTMLElement;
  /** The text that is looked for. */
  text(): string;
  /** What fits it; none when that is not to be had. */
  find(text: string, signal: AbortSignal): Promise<ParentNode | null>;
  /** Somebody has chosen one. */
  choose(option: HTMLElement): void;
  /** Whether an empty field offers the first as the one to be taken. */
  takesFirst?: boolean;
  /** Esc has closed the list. Without this, it closes nothing else. */
  onEscape?(): void;
}

export class Combobox {
  private readonly navigation: Navigation;
  private asked: AbortController | null = null;
  private pause: number | undefined;
  /** Whether Enter was pressed before the list had caught up: then the first that fits is meant. */
  private takesAnswer = false;

  constructor(private readonly offers: Offers) {
    const { input, list } = offers;
    // Tab leaves the field with what is in it; it chooses nothing.
    this.navigation = new Navigation(input, list, { tabInsertsSuggestions: false });
    list.addEventListener("combobox-commit", (event) => {
      if (!(event.target instanceof HTMLElement)) return;
      this.close();
      offers.choose(event.target);
    });
    // The field keeps the focus while somebody points.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    input.addEventListener("input", () => {
      clearTimeout(this.pause);
      this.pause = setTimeout(() => void this.open(), PAUSE_MILLISECONDS);
    });
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => this.close());
  }

  get isOpen(): boolean {
    return !this.offers.list.hidden;
  }

  /** Whether it is about to open. */
  private get isAsking(): boolean {
    return this.pause !== undefined || this.asked !== null;
  }

  /** Asks what fits, and shows it. */
  async open(): Promise<void> {
    const { input, list, status } = this.offers;
    const takesAnswer = this.takesAnswer;
    this.stopAsking();
    const asked = new AbortController();
    this.asked = asked;
    const text = this.offers.text();
    let found: ParentNode | null = null;
    try {
      found = await this.offers.find(text, asked.signal);
    } catch {
      // Overtaken by the next letter, or the server is away; typing on asks again.
    }
    if (this.asked !== asked) return;
    this.asked = null;
    if (document.activeElement !== input) return;
    if (!found) {
      this.close();
      return;
    }
    this.navigation.stop();
    list.replaceChildren(...found.children);
    const options = list.querySelectorAll<HTMLElement>("[role=option]");
    const results = list.querySelectorAll("[role=option]:not(.new)").length;
    const first = options[0];
    list.hidden = options.length === 0;
    status.textContent = results === 1 ? "1 result" : `${results === 0 ? "No" : results} results`;
    if (list.hidden) return;
    // What was typed means the first that fits, unless that is to make a new one.
    const takes = first && !first.matches(".new") && (text !== "" || this.offers.takesFirst);
    this.navigation.firstOptionSelectionMode = takes ? "selected" : "none";
    this.navigation.start();
    if (takes && takesAnswer) first.click();
  }

  close(): void {
    this.stopAsking();
    if (!this.isOpen) return;
    this.navigation.stop();
    this.offers.list.hidden = true;
    this.offers.list.replaceChildren();
    this.offers.status.textContent = "";
  }

  private stopAsking(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
    this.asked?.abort();
    this.asked = null;
    this.takesAnswer = false;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Escape" && (this.isOpen || this.isAsking)) {
      // The list is left, and not what the field is in.
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.offers.onEscape?.();
    } else if (event.key === "Enter" && this.isAsking) {
      // What is listed, if anything, is what fitted the text before.
      event.preventDefault();
      event.stopImmediatePropagation();
      this.takesAnswer = true;
      void this.open();
    } else if (!this.isOpen && ["ArrowDown", "ArrowUp"].includes(event.key) && !event.altKey) {
      event.preventDefault();
      void this.open();
    }
  }
}
