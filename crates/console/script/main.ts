// The console's script. Every page is whole without it; it makes the same requests as the links and
// forms do, and puts what comes back into the page that is open. It runs under
// `script-src 'self'; style-src 'self'`: nothing is evaluated, and no style is written.
//
// What pages and script agree on, by the module that keeps it:
//
// settings.ts, morph.ts   `<body hx-ext="morph" data-user="005…">`; requests by htmx 2 attributes. The
//     answers 4xx and 5xx are swapped like others. `<main id="main" hx-get hx-trigger="headwater:changed"
//     hx-select="#main" hx-target="#main" hx-swap="morph:outerHTML">` asks for itself, at the address of
//     the address bar. A morph leaves alone: forms with `data-dirty` (set here) or the same `data-draft`,
//     a `.field` with a `form.inline` in it, an open dialog, `[data-keep]` that holds the focus, upgraded
//     lookups, what has the same `data-own` (it is the script's), the value that is being typed, and `open` of details. A form gives way to the answer to
//     itself. `[data-value]` whose text has changed gets the class `changed` for two seconds.
// live.ts   `data-live="ID …"`, `data-live-objects="Object …"` and `data-live-after="N"` on main:
//     `GET /live?ids=&objects=&after=` is a stream of `event: change` with `id: N`. Each leads to one
//     `headwater:changed` on main. Watched only while the page is visible; 401 leads to /login?to=….
//     `#connection` says so, with `data-state="live|waiting|off|signed-out"`.
// dialog.ts   `<dialog id="dialog" aria-labelledby="dialog-title"><div id="dialog-content">`; what has
//     `data-opens-dialog` and swaps `#dialog-content` opens it; `[data-closes-dialog]` and Esc close it.
//     An answer with `HX-Trigger: headwater:done` closes it, and refreshes main unless it was main.
//     `[data-opens-help]` shows `<template id="help">` in it.
// inline.ts   `.field#field-NAME` with `.value` and `a.pencil` (htmx puts `form.inline` into the field);
//     `[data-cancels]` in the form, or Esc, puts back what was there. A double click on the value, F2 in
//     the field, or Enter on a field that has the focus itself, begins.
// composer.ts   `form.composer` with a textarea: Enter sends, Shift-Enter begins a line. Files of its
//     `input[type=file]` are pasted and dropped as well, listed in `.chosen`, and taken back there.
// transcript.ts   `#transcript` follows its end, or begins at `#new-since`; `#newer button` says how many
//     `#newest .entry` have come while somebody has scrolled up. `a.way-back` in it is followed when it comes
//     near. `.day[data-day]` that is named already gets `is-again`. `#reading [name=seen]` goes while the page
//     is hidden.
// quick-texts.ts   `details.quick-texts` in a composer with `button[data-inserts=TEXT]`: a click puts the text where
//     the caret stands, `/` in an empty composer opens it, the arrows move in it, Esc closes it.
// clock.ts   `[data-clock]` shows the time in the zones `data-earliest` to `data-latest`, and `[data-night="FROM UNTIL"]`
//     is hidden unless the hour in them is one of the night; `[data-surely][data-perhaps]` in it says which.
// emoji.ts   `.emoji-picker[popover][data-emoji=URL]` beside a composer is filled when it opens, and
//     `ul.emoji-offers` in a composer when `:name` is written, by the module at that address (emoji-picker.ts).
// signs.ts   `form.composer[data-typing=URL]`: `POST URL` with `form_token`, and `on=1` while somebody writes.
//     `[data-attends=SESSION]` on the page goes to `/live` as `attends=`: others are told who looks. The stream
//     tells `event: sign` with `{session, user, name, does}`, which `#signs[data-session][data-customer]` shows
//     in its `.customer-types`, `.colleague-writes` and `.colleague-looks`.
// lookup.ts   `.lookup[data-lookup=URL]` with a hidden input (the id) first, and a text input. `GET
//     URL&q=TEXT` answers `<li role="option" id data-id data-name>`; one with `data-href` opens that in a
//     new tab. Typing empties the hidden input, choosing fills it; each time it gets `change`. It adds
//     `ul[role=listbox]` (hidden while closed; the active option has `aria-selected="true"`) and a
//     `.unseen[role=status]`, and sets `data-upgraded`.
// palette.ts   Ctrl-K, ⌘-K or `[data-opens-palette]`: `dialog#palette` with an input and `ul[role=listbox]`.
//     `GET /palette?q=TEXT` answers `<li role="option" id data-href>`. What has `data-key` and
//     `data-label` on the page is offered first.
// rows.ts   `[data-list]` holds rows `[data-href]`, each with a link; J, K and, from row to row, the
//     arrows move the focus from link to link, beginning at `[aria-current]`. A click on a row is one on
//     its link.
// searches.ts   `form[role=search]` asks by htmx. A morph leaves it alone between a change and the request
//     that asks for it.
// keys.ts   `data-key="e"`, `"g s"` (one after the other) or `"ctrl enter"` (within its form): clicked. `/`
//     focuses `[data-search]`, `?` shows the help. `<html data-keys="off">` switches single keys off.
// unsaved.ts, drafts.ts   Forms by POST are watched: leaving asks. `form[data-draft="Object/ID"]` is
//     kept for the user in the browser, with its hidden fields and without `form_token` and passwords,
//     and offered again in a `.draft-offer[role=status]` at its head. A form that comes with
//     `[aria-invalid=true]` or `.summary.problem` in it holds unsaved work from the start.
// toasts.ts   `#toasts [data-toast]`; `data-toast-seconds="N"` leaves by itself, after 12 s at least
//     when it offers something; hover and focus hold it; `[data-toast-close]` closes it, and is added
//     where there is none.
// work.ts   `#work[hx-get]` in the head holds `.work-piece`, with `data-present` for who is not offline and
//     `data-sounds`; in it `[data-offer][data-who]`, `.countdown[data-left=SECONDS]`, `form[data-beat]`
//     (posted as a sign of life), `[data-switches-sound]` and `[data-asks-notifications]`, both hidden
//     without script. It asks for itself on `headwater:work`. `GET /presence/live` is a stream of `work` and
//     `beat`; one page of a browser has it, by a lock, and tells the others by a broadcast channel.
// `<relative-time datetime>` is GitHub's element.

import "@github/relative-time-element";
import { runClocks } from "./clock";
import { watchComposer } from "./composer";
import { watchDialog } from "./dialog";
import { keepDrafts } from "./drafts";
import { watchEmoji } from "./emoji";
import { watchInline } from "./inline";
import { watchKeys } from "./keys";
import { followChanges } from "./live";
import { upgradeLookups } from "./lookup";
import { defineMorph } from "./morph";
import { watchPalette } from "./palette";
import { watchQuickTexts } from "./quick-texts";
import { watchRows } from "./rows";
import { watchSearches } from "./searches";
import { settle } from "./settings";
import { watchSigns } from "./signs";
import { watchToasts } from "./toasts";
import { watchTranscript } from "./transcript";
import { watchUnsaved } from "./unsaved";
import { watchWork } from "./work";

settle();
defineMorph();
// Before what notes which forms hold work: what was sent is gone from the form by then.
watchComposer();
watchTranscript();
watchSigns();
watchQuickTexts();
watchEmoji();
// Before the drafts, which ask whether a form holds unsaved work.
watchUnsaved();
keepDrafts();
watchDialog();
watchInline();
upgradeLookups();
watchPalette();
watchRows();
watchSearches();
// After what leaves a key to nobody else.
watchKeys();
watchToasts();
followChanges();
runClocks();
watchWork();
