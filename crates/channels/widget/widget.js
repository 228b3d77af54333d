// The chat window that a page of yours shows with one tag:
//
//   <script src="https://HOST/widget.js" data-deployment="Web_Chat" defer></script>
//
// Also: data-title="…", data-color="#0b5cab" (any CSS colour), data-open (opens at once),
// data-parameters='{"plan":"gold"}' (what the channel's parameters take), data-token-url="/chat-token" (where
// your site answers, with the visitor's cookies, the token that it signs for a customer who is signed in, or
// nothing for one who is not).
//
// It speaks Salesforce's "Messaging for In-App and Web" API, version 2, as any other client does. What it
// must know after a reload (token, conversation, what was seen) lies in the page's storage. Everything
// it shows is text; nothing that comes in is taken for HTML.

(() => {
  "use strict";

  const tag = document.currentScript;
  const base = new URL(tag.src).origin;
  const api = `${base}/iamessage/api/v2`;
  const org = "{ORG}";
  const deployment = tag.dataset.deployment ?? "";
  const title = tag.dataset.title ?? "Chat with us";
  const tokenUrl = tag.dataset.tokenUrl;
  const parameters = JSON.parse(tag.dataset.parameters || "{}");
  const place = `headwater-chat:${base}:${deployment}`;

  const FIRST_WAIT_MILLISECONDS = 500;
  const LONGEST_WAIT_MILLISECONDS = 30_000;
  /** A stream that says nothing for so long is taken for dead; the server says something every 15 s. */
  const SILENCE_MILLISECONDS = 45_000;
  const CHARACTERS_MAX = 1600;
  /** While the visitor goes on writing it is told again after so long, and that they stopped after so long. */
  const TOLD_AGAIN_MILLISECONDS = 3_000;
  const STOPPED_MILLISECONDS = 5_000;
  /** An agent who is not told to write again for so long has stopped. */
  const TYPING_SHOWN_MILLISECONDS = 8_000;
  /** Images that are shown where they stand; all else is for keeping. */
  const SHOWN = ["image/jpeg", "image/png", "image/gif", "image/webp"];

  /** What is kept over a reload. */
  let kept = read();
  /** Messages by their id, each with its element and when the server had it; not yet is at the end of time. */
  const shown = new Map();
  const times = new WeakMap();
  /** What the server does not have yet, in order. Texts are kept over a reload; files are too large for that. */
  let outgoing = [];
  let isSending = false;
  let sendingLater;
  let stream = null;
  let failures = 0;
  let unread = 0;
  /** Whether what is sent is the first message, which brings what was answered. */
  let isFirst = false;
  /** Done when it is known who is here. */
  let identified = Promise.resolve();
  let entering = null;
  let toldTypingAt = 0;
  let stopping;
  let typingShown;

  function read() {
    try {
      return JSON.parse(localStorage.getItem(place) ?? "{}");
    } catch {
      return {};
    }
  }

  function keep(changes) {
    kept = { ...kept, ...changes };
    try {
      localStorage.setItem(place, JSON.stringify(kept));
    } catch {
      // A page that may keep nothing begins anew after each reload.
    }
  }

  // --- What it looks like -------------------------------------------------------------------------

  const host = document.createElement("div");
  host.id = "headwater-chat";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`{STYLE}`);
  root.adoptedStyleSheets = [sheet];
  if (tag.dataset.color) host.style.setProperty("--chat-color", tag.dataset.color);

  /** A paper clip. */
  function clip() {
    const space = "http://www.w3.org/2000/svg";
    const drawing = document.createElementNS(space, "svg");
    for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", width: 22, fill: "none", stroke: "currentColor", "stroke-width": 1.6 })) {
      drawing.setAttribute(key, value);
    }
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", "M14.5 9.5l-5 5a3.2 3.2 0 0 1-4.5-4.5l6-6a2.2 2.2 0 0 1 3.1 3.1l-5.9 5.900a1 1 0 0 1-1.500-1.500l5-5");
    drawing.append(line);
    return drawing;
  }

  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  }

  const badge = make("span", { class: "badge", hidden: "" });
  const launcher = make("button", { class: "launcher", type: "button", "aria-expanded": "false" }, title, badge);
  const close = make("button", { class: "plain", type: "button", "aria-label": "Close the chat" }, "✕");
  const end = make("button", { class: "plain end", type: "button", hidden: "" }, "End chat");
  const log = make("div", { class: "log", role: "log", "aria-label": "Conversation", tabindex: "0" });
  const status = make("p", { class: "status", role: "status" });
  const typing = make("p", { class: "status typing", role: "status" });
  const text = make("textarea", {
    rows: "1", maxlength: String(CHARACTERS_MAX), "aria-label": "Your message", placeholder: "Write a message…",
  });
  const send = make("button", { class: "send" }, "Send");
  const files = make("input", { type: "file", multiple: "", "aria-label": "Attach files", id: "files" });
  const attach = make("label", { class: "attach", for: "files", title: "Attach files", "aria-hidden": "true" }, clip());
  const form = make("form", { class: "composer" }, attach, files, text, send);
  const questions = make("form", { class: "ask", "aria-label": "Before we begin", hidden: "" });
  const panel = make("section", { class: "panel", role: "dialog", "aria-label": title, hidden: "" },
    make("header", {}, make("h2", {}, title), end, close), log, questions, typing, status, form);
  root.append(panel, launcher);

  function say(words) {
    if (status.textContent !== words) status.textContent = words;
  }

  function isOpen() {
    return !panel.hidden;
  }

  function open() {
    panel.hidden = false;
    launcher.hidden = true;
    launcher.setAttribute("aria-expanded", "true");
    count(0);
    log.scrollTop = log.scrollHeight;
    (questions.hidden ? text : questions.elements[0]).focus();
    keep({ isOpen: true });
    report("Read");
    void start();
  }

  function shut() {
    panel.hidden = true;
    launcher.hidden = false;
    launcher.setAttribute("aria-expanded", "false");
    launcher.focus();
    keep({ isOpen: false });
  }

  function count(number) {
    unread = number;
    badge.hidden = number === 0;
    badge.textContent = number === 0 ? "" : `${number} new`;
  }

  /** Shows a message, or what has become of one that is shown. */
  function show(message) {
    const known = shown.get(message.id);
    if (known) {
      if (message.state !== undefined) mark(known, message);
      if (message.isKnown) put(known.element, message.at);
      return false;
    }
    const side = message.role === "EndUser" ? "mine" : message.role === "System" ? "note" : "theirs";
    const who = side === "mine" ? "You" : message.name || "Support";
    const at = new Date(message.at);
    const clock = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const state = make("span", { class: "state" });
    const element = make("div", { class: `message ${side}` },
      make("p", { class: "by" }, who),
      ...(message.text ? [make("p", { class: "said" }, message.text)] : []),
      ...(message.files ?? []).map(part),
      make("p", { class: "at" }, make("time", { datetime: at.toISOString() }, clock), state));
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    put(element, message.isKnown ? message.at : Infinity);
    shown.set(message.id, { element, state });
    mark(shown.get(message.id), message);
    if (isAtEnd || side === "mine") log.scrollTop = log.scrollHeight;
    return true;
  }

  /** Puts a message where it belongs by the server's clock, as the other side has it too. */
  function put(element, at) {
    times.set(element, at);
    let after = null;
    for (let other = log.lastElementChild; other; other = other.previousElementSibling) {
      if (other === element) continue;
      if (times.get(other) <= at) break;
      after = other;
    }
    // One that stands there already is not said again to those who listen.
    if (!element.isConnected || element.nextElementSibling !== after) log.insertBefore(element, after);
  }

  /** A file in a message: an image where it stands, or the way to have it. */
  function part(file) {
    const link = make("a", { class: "file", download: file.name, href: "#" }, file.name);
    if (SHOWN.includes(file.type)) void load(file).then(
      (url) => {
        const image = make("img", { src: url, alt: file.name });
        // It has its height only now.
        image.addEventListener("load", () => {
          if (log.scrollHeight - log.scrollTop - log.clientHeight < image.height + 80) log.scrollTop = log.scrollHeight;
        });
        link.href = url;
        link.replaceChildren(image);
      }, () => {});
    link.addEventListener("click", (event) => {
      if (link.href.startsWith("blob:")) return;
      event.preventDefault();
      void load(file).then(
        (url) => {
          link.href = url;
          link.click();
        },
        () => say(`${file.name} could not be loaded. Try again.`));
    });
    return make("p", { class: "attached" }, link);
  }

  /** A file's bytes, as an address of this page: what asks for them carries the token. */
  async function load(file) {
    if (file.blob) return URL.createObjectURL(file.blob);
    const answer = await fetch(new URL(file.url, base), { headers: { Authorization: `Bearer ${kept.token}` } });
    if (!answer.ok) throw new Error((await answer.json()).message);
    return URL.createObjectURL(await answer.blob());
  }

  function mark({ state }, message) {
    state.replaceChildren();
    if (message.state === "sending") state.append(" · Sending…");
    if (message.state === "waiting") state.append(" · Not connected. It is sent as soon as it can be");
    if (message.state === "sent") state.append(" · Sent");
    if (message.state === "failed") {
      const again = make("button", { class: "again", type: "button" }, "Not sent. Try again");
      again.addEventListener("click", () => void deliver(message));
      state.append(" ", again);
    }
  }

  // --- What it asks the visitor before the first message ------------------------------------------

  function mustAsk() {
    return !kept.conversation && !kept.answers && (kept.questions ?? []).length > 0;
  }

  /** Shows the form in place of the transcript, until it is answered. */
  function showQuestions() {
    const isAsking = mustAsk();
    const wasAsking = !questions.hidden;
    [questions.hidden, log.hidden, form.hidden] = [!isAsking, isAsking, isAsking];
    if (!isAsking || wasAsking) return;
    questions.replaceChildren(...kept.questions.map(question), make("button", { class: "send" }, "Start chat"));
    if (isOpen()) questions.elements[0].focus();
  }

  function question({ name, label, type, required, maxLength, choices }) {
    const attributes = { name, id: `ask-${name}`, required: required ? "" : undefined };
    if (type === "Checkbox") {
      return make("p", { class: "check" }, make("input", { ...attributes, type: "checkbox" }), make("label", { for: attributes.id }, label));
    }
    const kinds = { Email: "email", Number: "number", Phone: "tel" };
    const field = type === "ChoiceList"
      ? make("select", attributes, make("option", { value: "" }, ""), ...choices.map((choice) => make("option", {}, choice)))
      : make("input", { ...attributes, type: kinds[type] ?? "text", step: type === "Number" ? "any" : undefined, maxlength: maxLength });
    return make("p", {}, make("label", { for: attributes.id }, required ? label : `${label} (optional)`), field);
  }

  /** The questions of the channel's form that are for people. */
  function questionsOf({ forms, choiceListConfig }) {
    const choicesOf = (id) => choiceListConfig.choiceList.find((list) => list.choiceListId === id)
      ?.choiceListValues.map((value) => value.choiceListValueName);
    return forms.flatMap((one) => one.formFields).filter((field) => !field.isHidden)
      .map((field) => ({ ...field, choices: choicesOf(field.choiceListId) }));
  }

  function attributes() {
    // So that whoever answers knows what time it is for the visitor.
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    return { EndUserTimeZone: timeZone, ...parameters, ...kept.answers };
  }

  // --- What it asks the server --------------------------------------------------------------------

  async function ask(method, path, body, isRetry = false) {
    const headers = { Authorization: `Bearer ${kept.token}` };
    const isJson = body !== undefined && !(body instanceof FormData);
    if (isJson) headers["Content-Type"] = "application/json";
    const answer = await fetch(`${api}${path}`, {
      method, headers, body: isJson ? JSON.stringify(body) : body,
    });
    if (answer.status === 401 && !isRetry) {
      forget();
      await enter();
      throw new Error("signed out");
    }
    return answer;
  }

  /** The visitor is not known any more: what follows is another conversation. */
  function forget() {
    stream?.abort();
    stream = null;
    shown.clear();
    log.replaceChildren();
    const { isOpen: wasOpen } = kept;
    kept = {};
    keep({ isOpen: wasOpen });
  }

  async function enter() {
    await identified;
    if (!kept.token) {
      // Of several who want in at once, one goes: else each would be somebody else.
      entering ??= identity().then(admit).then(admitted).finally(() => { entering = null; });
      await entering;
    }
    showQuestions();
  }

  /** The token by which the site says who the visitor is; nothing for a guest. */
  async function identity() {
    if (!tokenUrl) return "";
    const answer = await fetch(tokenUrl, { credentials: "include" });
    return answer.ok ? (await answer.text()).trim() : "";
  }

  async function admit(identityToken) {
    const way = identityToken ? "authenticated" : "unauthenticated";
    const answer = await fetch(`${api}/authorization/${way}/access-token`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        orgId: org, esDeveloperName: deployment, capabilitiesVersion: "1", platform: "Web",
        ...(identityToken && { authorizationType: "JWT", customerIdentityToken: identityToken }),
      }),
    });
    if (!answer.ok) throw new Error((await answer.json()).message);
    return answer.json();
  }

  function admitted({ accessToken, lastEventId, context }) {
    const { embeddedServiceConfig: config } = context.configuration;
    const isKnown = config.embeddedServiceMessagingChannel.authMode === "Auth";
    keep({
      token: accessToken, seen: lastEventId, isKnown, subject: context.endUser.subject, questions: questionsOf(config),
      fileBytesMax: config.attachments.maxFileSize,
    });
  }

  /** Sees who is here now: it may be somebody else than before, and then what was before is not theirs. */
  async function identify() {
    if (!tokenUrl) return;
    const identityToken = await identity();
    if (!identityToken) {
      if (!kept.isKnown) return;
      await ask("DELETE", "/authorization/authenticated/access-token", undefined, true).catch(() => {});
      return forget();
    }
    const admission = await admit(identityToken);
    if (admission.context.endUser.subject !== kept.subject) forget();
    // Those who have been here already go on from what they have seen.
    const { seen } = kept;
    admitted(admission);
    if (seen) keep({ seen });
    if (kept.conversation) return;
    const answer = await ask("GET", "/conversation/list", undefined, true);
    const [newest] = answer.ok ? (await answer.json()).conversations : [];
    if (newest) keep({ conversation: newest.conversationId });
  }

  async function converse() {
    await enter();
    if (kept.conversation) return;
    const conversation = crypto.randomUUID();
    const answer = await ask("POST", "/conversation", {
      conversationId: conversation, esDeveloperName: deployment, routingAttributes: attributes(), language: language(),
    });
    if (answer.status === 400) {
      // What was answered is not taken: it is asked again.
      keep({ answers: undefined });
      say((await answer.json()).message);
      showQuestions();
    }
    if (!answer.ok) throw new Error(answer.status);
    keep({ conversation });
  }

  function language() {
    return navigator.language.replace("-", "_");
  }

  /** Sends a message, after those that are on their way already. */
  function deliver(message) {
    show({ ...message, state: "sending" });
    outgoing.push(message);
    keepOutgoing();
    void sendAll();
  }

  function keepOutgoing() {
    keep({ outgoing: outgoing.filter((message) => !message.files) });
  }

  /** Sends what waits, one after the other; what does not get through is tried again, and nothing passes it. */
  async function sendAll() {
    if (isSending) return;
    isSending = true;
    clearTimeout(sendingLater);
    try {
      while (outgoing.length > 0) {
        const [message] = outgoing;
        const state = await post(message);
        if (state === "waiting") {
          failures += 1;
          for (const one of outgoing) show({ ...one, state });
          sendingLater = setTimeout(sendAll, wait());
          return;
        }
        failures = 0;
        outgoing = outgoing.filter((one) => one !== message);
        keepOutgoing();
        show({ ...message, state });
      }
    } finally {
      isSending = false;
    }
  }

  /** What becomes of a message: `sent`, `waiting` for a server that can be reached, or `failed`. */
  async function post(message) {
    try {
      await enter();
      if (mustAsk()) return "failed";
      isFirst = !kept.conversation;
      await converse();
      listen();
      const [file] = message.files ?? [];
      const path = `/conversation/${kept.conversation}/${file ? "file" : "message"}`;
      const go = (isNew) => ask("POST", path, file ? withFile(message, file, isNew) : withText(message, isNew));
      let answer = await go(kept.isOver === true);
      // The session before has ended, which this page was not told, and this begins the next.
      if (answer.status === 417) answer = await go(true);
      if ([400, 413, 429].includes(answer.status)) say((await answer.json()).message);
      if (answer.status >= 500) {
        const refusal = await answer.json().catch(() => ({}));
        if (refusal.errorCode !== "FILES_NOT_SCANNED") return "waiting";
        // It may take long, and what is written after it need not wait for it.
        say(refusal.message);
        return "failed";
      }
      if (!answer.ok) return "failed";
      keep({ isOver: false });
      end.hidden = false;
      say("");
      return "sent";
    } catch (error) {
      // What `fetch` throws when nobody answers; the message has a name, so it is taken once however often it goes.
      return error instanceof TypeError ? "waiting" : "failed";
    }
  }

  /** How long until the next try: longer each time, and never as long as others wait. */
  function wait() {
    const longest = Math.min(LONGEST_WAIT_MILLISECONDS, FIRST_WAIT_MILLISECONDS * 2 ** failures);
    return longest / 2 + (Math.random() * longest) / 2;
  }

  function around(message, isNew) {
    return {
      message,
      esDeveloperName: deployment,
      isNewMessagingSession: isNew,
      ...((isNew || isFirst) && { routingAttributes: attributes(), language: language() }),
    };
  }

  function withText({ id, text: said }, isNew) {
    const staticContent = { formatType: "Text", text: said };
    return around({ id, messageType: "StaticContentMessage", staticContent }, isNew);
  }

  function withFile({ id, text: said }, file, isNew) {
    const body = new FormData();
    const entry = JSON.stringify(around({ id, fileId: crypto.randomUUID(), text: said }, isNew));
    body.append("messageEntry", new Blob([entry], { type: "application/json" }));
    body.append("fileData", file.blob, file.name);
    return body;
  }

  /** Sends files, each as a message of its own. */
  function sendFiles(chosen) {
    for (const blob of chosen) {
      if (blob.size > kept.fileBytesMax) {
        say(`${blob.name} is too large: a file may have ${Math.floor(kept.fileBytesMax / 2 ** 20)} MB.`);
        continue;
      }
      const file = { name: blob.name, type: blob.type, blob };
      void deliver({ id: crypto.randomUUID(), role: "EndUser", text: "", files: [file], at: Date.now() });
    }
  }

  /** Tells that the visitor writes, or has stopped; whether it arrives does not matter. */
  function tellTyping(isOn) {
    clearTimeout(stopping);
    if (isOn) stopping = setTimeout(() => tellTyping(false), STOPPED_MILLISECONDS);
    if (!kept.conversation || kept.isOver) return;
    if (isOn ? Date.now() - toldTypingAt < TOLD_AGAIN_MILLISECONDS : toldTypingAt === 0) return;
    toldTypingAt = isOn ? Date.now() : 0;
    const entryType = isOn ? "TypingStartedIndicator" : "TypingStoppedIndicator";
    const body = { entryType, id: crypto.randomUUID() };
    void ask("POST", `/conversation/${kept.conversation}/entry`, body).catch(() => {});
  }

  function showTyping(words) {
    clearTimeout(typingShown);
    if (typing.textContent !== words) typing.textContent = words;
    if (words) typingShown = setTimeout(() => showTyping(""), TYPING_SHOWN_MILLISECONDS);
  }

  /** Says what was shown, or seen. */
  function report(kind) {
    const waiting = kept.unreported?.[kind] ?? [];
    if (waiting.length === 0 || !kept.conversation) return;
    const acks = waiting.map((id) => ({
      id: crypto.randomUUID(), entryType: kind, conversationEntryId: id,
    }));
    keep({ unreported: { ...kept.unreported, [kind]: [] } });
    void ask("POST", `/conversation/${kept.conversation}/acknowledge-entries`, { acks }).catch(() => {});
  }

  function noteFor(kind, id) {
    const waiting = kept.unreported?.[kind] ?? [];
    keep({ unreported: { ...kept.unreported, [kind]: [...waiting, id] } });
  }

  // --- What the server tells ----------------------------------------------------------------------

  function messageOf(entry, payload) {
    const content = payload.abstractMessage?.staticContent;
    if (content?.formatType !== "Text" && content?.formatType !== "Attachments") return null;
    const { role } = entry.sender;
    const attached = content.attachments ?? [];
    return {
      id: entry.identifier, role, name: entry.senderDisplayName, text: content.text ?? "",
      files: attached.map(({ name, mimeType, url }) => ({ name, type: mimeType, url })),
      at: entry.transcriptedTimestamp, isKnown: true, state: role === "EndUser" ? "sent" : undefined,
    };
  }

  function hear(event, data) {
    const { conversationId, conversationEntry: entry } = JSON.parse(data);
    if (conversationId !== kept.conversation) return;
    const payload = JSON.parse(entry.entryPayload);
    if (event === "CONVERSATION_MESSAGE") {
      const message = messageOf(entry, payload);
      if (!message || !show(message) || message.role === "EndUser") return;
      showTyping("");
      noteFor("Delivery", message.id);
      noteFor("Read", message.id);
      report("Delivery");
      if (isOpen() && document.visibilityState === "visible") report("Read");
      else count(unread + 1);
    }
    if (event === "CONVERSATION_TYPING_STARTED_INDICATOR") showTyping(`${entry.senderDisplayName} is typing…`);
    if (event === "CONVERSATION_TYPING_STOPPED_INDICATOR") showTyping("");
    if (event === "CONVERSATION_PARTICIPANT_CHANGED") {
      const [{ operation, displayName }] = payload.entries;
      if (operation === "add") say(`${displayName} has joined.`);
      else if (!kept.isOver) say(`${displayName} has left.`);
    }
    if (event === "CONVERSATION_SESSION_STATUS_CHANGED") {
      // One that has begun since goes on, whatever became of the one before it.
      if (payload.sessionStatus === "Ended") over();
      else {
        keep({ isOver: false });
        end.hidden = false;
      }
    }
  }

  function over() {
    keep({ isOver: true });
    end.hidden = true;
    say("The chat has ended. Write again to begin another.");
  }

  /** Listens as long as there is a conversation, and comes back after each break. */
  function listen() {
    if (stream || !kept.conversation) return;
    stream = new AbortController();
    void follow(stream).finally(() => {
      if (!kept.conversation) return;
      const pause = wait();
      failures += 1;
      if (failures > 1 && !kept.isOver) say("Reconnecting…");
      setTimeout(listen, pause);
    });
  }

  async function follow(controller) {
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => controller.abort(), SILENCE_MILLISECONDS);
    };
    try {
      heard();
      const answer = await fetch(`${base}/eventrouter/v1/sse?_ts=${Date.now()}`, {
        headers: {
          Accept: "text/event-stream", Authorization: `Bearer ${kept.token}`,
          "X-Org-Id": org, "Last-Event-Id": kept.seen ?? "0",
        },
        signal: controller.signal,
      });
      if (answer.status === 401) {
        forget();
        say("The chat was too long ago. Write to begin another.");
      }
      if (!answer.ok) return;
      failures = 0;
      if (status.textContent === "Reconnecting…") say("");
      void sendAll();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        const frames = (rest + value).split("\n\n");
        rest = frames.pop();
        frames.forEach(take);
      }
    } catch {
      // The line is down, or was silent: it is tried again.
    } finally {
      clearTimeout(silence);
      if (stream === controller) stream = null;
    }
  }

  function take(frame) {
    const field = (name) => frame.split("\n").find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim();
    const [event, data, id] = [field("event"), field("data"), field("id")];
    if (event && data && event !== "ping") hear(event, data);
    if (id) keep({ seen: id });
  }

  /** What was said before this page was loaded. */
  async function recall() {
    const answer = await ask("GET", `/conversation/${kept.conversation}/entries?limit=50&entryTypeFilter=Message`);
    if (!answer.ok) return;
    const { conversationEntries } = await answer.json();
    for (const entry of conversationEntries.reverse()) {
      const message = messageOf(entry, entry.entryPayload);
      if (message) show(message);
    }
    log.scrollTop = log.scrollHeight;
    if (kept.isOver) over();
    else end.hidden = false;
  }

  async function start() {
    try {
      await enter();
    } catch (error) {
      say(`The chat is not there right now. (${error.message})`);
    }
  }

  // --- What the visitor does ----------------------------------------------------------------------

  launcher.addEventListener("click", open);
  close.addEventListener("click", shut);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shut();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  questions.addEventListener("submit", (event) => {
    event.preventDefault();
    const answers = {};
    for (const { name, type } of kept.questions) {
      const field = questions.elements.namedItem(name);
      const value = type === "Checkbox" ? String(field.checked) : field.value.trim();
      if (value) answers[name] = value;
    }
    keep({ answers });
    say("");
    showQuestions();
    text.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    tellTyping(false);
    void deliver({ id: crypto.randomUUID(), role: "EndUser", text: said, at: Date.now() });
  });
  text.addEventListener("input", () => tellTyping(text.value.trim() !== ""));
  files.addEventListener("change", () => {
    sendFiles(files.files);
    files.value = "";
  });
  text.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    sendFiles(event.clipboardData.files);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    panel.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      panel.classList.toggle("over", name === "dragover");
      if (name === "drop") sendFiles(event.dataTransfer.files);
    });
  }
  end.addEventListener("click", async () => {
    const path = `/conversation/${kept.conversation}/session?esDeveloperName=${encodeURIComponent(deployment)}`;
    try {
      const answer = await ask("DELETE", path);
      if (answer.ok) over();
    } catch {
      say("The chat could not be ended. Try again.");
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && isOpen()) report("Read");
  });
  addEventListener("online", () => {
    failures = 0;
    listen();
    void sendAll();
  });

  /** What was written before this page was loaded, and did not get through. */
  function sendRest() {
    for (const message of kept.outgoing ?? []) show({ ...message, state: "waiting" });
    outgoing = [...(kept.outgoing ?? []), ...outgoing];
    void sendAll();
  }

  function appear() {
    document.body.append(host);
    identified = identify().catch(() => {});
    const again = () => (kept.token && kept.conversation ? recall() : undefined);
    void identified.then(again).catch(() => {}).then(listen).then(sendRest);
    if (kept.isOpen || tag.dataset.open !== undefined) open();
  }

  if (document.body) appear();
  else document.addEventListener("DOMContentLoaded", appear);
})();
