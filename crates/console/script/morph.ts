// The swap style `morph`: a page takes on what has changed, and nobody's work is lost by it.

import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { waits } from "./searches";
import { isAnswered } from "./unsaved";

/** How long a value that has changed is shown to have. */
const SHOWN_MILLISECONDS = 2000;

/** What values said before a morph, and which of them were shown to have changed by the one before. */
const texts = new WeakMap<Element, string>();
const shown = new WeakSet<Element>();

/** What somebody may be at work in, so that it is neither changed nor taken away. */
const WORK = "form[data-dirty], .field, dialog[open], [data-keep]";

/** Whether somebody is at work in one of those. */
function isInUse(element: Element): boolean {
  if (element.matches("form[data-dirty]")) return !isAnswered(element);
  if (element.matches(".field")) {
    const form = element.querySelector("form.inline");
    return form !== null && !isAnswered(form);
  }
  // A popover that is open stays so by itself; what it says may change.
  return element.matches("dialog[open], [data-keep]:focus-within");
}

function holdsWork(element: Element): boolean {
  const parts = [...element.querySelectorAll(WORK)];
  return parts.some(isInUse) || (element.matches(WORK) && isInUse(element));
}

/** Whether an element stays as it is, though the server says it otherwise. */
function stays(old: Element, other: Node): boolean {
  if (isInUse(old) || waits(old)) return true;
  // Its script has made more of it than the server sent.
  if (old.matches(".lookup[data-upgraded]") || hasSame("data-own", old, other)) return true;
  // A record's form holds what it was made from, which is how a conflict is found.
  return hasSame("data-draft", old, other) && !isAnswered(old);
}

function hasSame(attribute: string, old: Element, other: Node): boolean {
  const value = old.getAttribute(attribute);
  return value !== null && other instanceof Element && other.getAttribute(attribute) === value;
}

function text(element: Element): string {
  return (element.textContent ?? "").replace(/\s+/g, " ").trim();
}

function show(element: Element): void {
  element.classList.remove("changed");
  // Next frame, so that a second change begins the showing anew.
  requestAnimationFrame(() => element.classList.add("changed"));
  setTimeout(() => element.classList.remove("changed"), SHOWN_MILLISECONDS);
}

Object.assign(Idiomorph.defaults, { ignoreActiveValue: true });
Object.assign(Idiomorph.defaults.callbacks, {
  beforeNodeMorphed(old: Node, other: Node): boolean {
    if (!(old instanceof Element)) return true;
    if (old.hasAttribute("data-value")) {
      texts.set(old, text(old));
      if (old.classList.contains("changed")) shown.add(old);
    }
    return !stays(old, other);
  },
  afterNodeMorphed(old: Node): void {
    if (!(old instanceof Element) || !old.hasAttribute("data-value")) return;
    const before = texts.get(old);
    if (before !== undefined && before !== text(old)) show(old);
    else if (shown.has(old)) old.classList.add("changed");
    shown.delete(old);
  },
  beforeNodeRemoved(old: Node): boolean {
    return !(old instanceof Element) || !holdsWork(old);
  },
  beforeAttributeUpdated(name: string, element: Element): boolean {
    // What somebody has opened or closed is theirs; the server cannot know.
    return !(name === "open" && element.matches("details, dialog"));
  },
});

// Not idiomorph's own extension: that one evaluates text, and looks for htmx in the window.
export function defineMorph(): void {
  htmx.defineExtension("morph", {
    isInlineSwap: (style: string) => style === "morph" || style === "morph:outerHTML",
    handleSwap(style: string, target: Node, fragment: Node): Node[] | false {
      if (style !== "morph" && !style.startsWith("morph:")) return false;
      if (!(fragment instanceof DocumentFragment)) return false;
      const morphStyle = style === "morph:innerHTML" ? "innerHTML" : "outerHTML";
      Idiomorph.morph(target, fragment.children, { morphStyle });
      return [target];
    },
  } as Parameters<typeof htmx.defineExtension>[1]);
}
