// How htmx behaves here. A `<meta name="htmx-config">` of a page would win over this; none is needed.

import htmx from "htmx.org";
import { middle, here, on } from "./page";

export function settle(): void {
  Object.assign(htmx.config, {
    // The content security policy forbids what these would do.
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    // Pages hold people's data: they are asked for again, never kept in the browser's storage.
    historyCacheSize: 0,
    // What is restored is the whole page, and so is to be answered as one.
    historyRestoreAsHxRequest: false,
    scrollIntoViewOnBoost: false,
    // A refusal is a page like any other: a form with its errors, a notice, a conflict.
    responseHandling: [
      { code: "204", swap: false },
      { code: "...", swap: true },
    ],
  });

  // The middle asks for what the address bar says: a list that was filtered meanwhile stays so.
  on("htmx:configRequest", (detail) => {
    if (detail.elt === middle()) detail.path = here();
  });

  // A field's form or a dialog is not a new page, and takes not its title.
  on("htmx:beforeSwap", (detail) => {
    const isPage = detail.requestConfig.elt.closest("[hx-push-url], [hx-replace-url]") !== null;
    if (detail.target.id !== "main" && !isPage) detail.ignoreTitle = true;
  });
}
