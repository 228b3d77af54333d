// Following changes, by jsforce's own client of the Streaming API, which is faye's.
import { StreamingExtension } from "jsforce/lib/api/streaming.js";
import { expect, say } from "./telling.mjs";

const CHANNEL = "/data/AccountChangeEvent";
const SECONDS_MAX = 60;

/** What a client is told, one event after another. */
function follow(conn, channel, extensions = []) {
  const events = [];
  let told = () => {};
  const client = conn.streaming.createClient(extensions);
  const subscription = client.subscribe(channel, (event) => {
    events.push(event);
    told();
  });
  const next = async () => {
    const late = AbortSignal.timeout(SECONDS_MAX * 1000);
    while (events.length === 0) {
      await new Promise((resolve, reject) => {
        told = resolve;
        late.onabort = () => reject(new Error(`nothing was told on ${channel}`));
      });
    }
    return events.shift();
  };
  return { client, subscription, next };
}

const header = (event) => event.payload.ChangeEventHeader;

export async function streaming(conn) {
  say("They follow changes, go away and come back.");
  const accounts = conn.sobject("Account");
  const first = follow(conn, CHANNEL);
  await first.subscription;
  const made = await accounts.create({ Name: "Followed", BillingCity: "Brno" });
  const created = await first.next();
  expect("a new record is told", ["CREATE", "Account", [made.id], "Followed", { City: "Brno" }], [
    header(created).changeType,
    header(created).entityName,
    header(created).recordIds,
    created.payload.Name,
    created.payload.BillingAddress,
  ]);
  await accounts.update({ Id: made.id, Phone: "+420 555 0100" });
  const updated = await first.next();
  expect("and what of it is changed", ["UPDATE", "+420 555 0100", true], [
    header(updated).changeType,
    updated.payload.Phone,
    header(updated).changedFields.includes("Phone"),
  ]);
  // Its next connect hangs when it leaves.
  await first.client.disconnect();
  await accounts.update({ Id: made.id, Phone: "+420 555 0101" });
  await accounts.destroy(made.id);
  const replay = new StreamingExtension.Replay(CHANNEL, updated.event.replayId);
  const second = follow(conn, CHANNEL, [replay]);
  await second.subscription;
  const missed = [await second.next(), await second.next()];
  expect("whoever comes back is told what they missed", ["UPDATE", "DELETE"],
    missed.map((event) => header(event).changeType));
  await second.client.disconnect();
  const topic = follow(conn, "/topic/Accounts");
  const refused = await topic.subscription.then(() => undefined, (error) => error);
  expect("a PushTopic is refused with what there is instead", true,
    refused.message.includes("/data/ChangeEvents"));
  await topic.client.disconnect();
  const loggedOut = new Promise((resolve) => {
    const failure = new StreamingExtension.AuthFailure(resolve);
    const stranger = new conn.constructor({ instanceUrl: conn.instanceUrl, accessToken: "00D000000000000!none" });
    stranger.streaming.createClient([failure]).subscribe(CHANNEL, () => {});
  });
  expect("a made-up session is none", "401::Authentication invalid",
    (await loggedOut).ext.sfdc.failureReason);
}
