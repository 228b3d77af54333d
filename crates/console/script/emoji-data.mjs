// Takes out of `emojibase-data` what the picker shows and finds emoji by, so that pages load little:
// `[group, [[emoji, name, shortcodes, words], …]]` for each group, in its order.

import { readFileSync, writeFileSync } from "node:fs";

const read = (file) => JSON.parse(readFileSync(`node_modules/emojibase-data/${file}`, "utf8"));

/** Parts of emoji, such as skin tones by themselves. */
const COMPONENTS = "component";

const shortcodes = read("en/shortcodes/github.json");
const { groups } = read("en/messages.json");
const all = read("en/compact.json").filter((one) => one.group !== undefined);
all.sort((one, other) => one.order - other.order);

const data = groups
  .filter((group) => group.key !== COMPONENTS)
  .map(({ message, order }) => {
    const within = all.filter((one) => one.group === order);
    return [message, within.map((one) => [
      one.unicode, one.label, [shortcodes[one.hexcode] ?? []].flat().join(" "), (one.tags ?? []).join(" "),
    ])];
  });

writeFileSync("emoji-data.json", JSON.stringify(data));
