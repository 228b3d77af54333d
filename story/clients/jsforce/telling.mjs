// The words a story is told with, for clients in JavaScript.
import { isDeepStrictEqual } from "node:util";

export function say(text) {
  console.log(`\n${text}`);
}

/** Ends the story unless what was found is what was expected. */
export function expect(what, expected, found) {
  if (!isDeepStrictEqual(expected, found)) {
    console.error(`\nThe story breaks here: ${what}`);
    console.error("  expected:", expected, "\n  found:   ", found);
    process.exit(1);
  }
  console.log(`  ✓ ${what}`);
}

/** The error of a call that must be refused. */
export async function refusal(act) {
  let answer;
  try {
    answer = await act();
  } catch (error) {
    return error;
  }
  return expect("it is refused", "a refusal", answer);
}
