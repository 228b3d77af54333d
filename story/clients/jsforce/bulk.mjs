// Jobs of Bulk API 2.0 and 1.0.
import { expect, refusal, say } from "./telling.mjs";

const MANY = 2500;

async function loaded(conn) {
  say("They load and read thousands of records by Bulk API 2.0.");
  conn.bulk2.pollInterval = 300;
  conn.bulk2.pollTimeout = 120_000;
  const records = Array.from({ length: MANY }, (_, number) => ({
    Name: `Job ${number}`, Weight__c: number, Key__c: `j${number}`, Notes__c: `says "${number}",\nand more`,
    Fragile__c: number % 2 === 0, Sent__c: "2026-03-01T10:20:30.000Z", Due__c: null,
  }));
  records.push({ Name: "Twice", Key__c: "j0", Weight__c: 0, Notes__c: "", Fragile__c: false, Sent__c: null, Due__c: null });
  const results = await conn.bulk2.loadAndWaitForResults({ object: "Shipment__c", operation: "insert", input: records });
  expect("each is made, but the one whose key is taken", [MANY, 1, 0], [
    results.successfulResults.length, results.failedResults.length, results.unprocessedRecords.length]);
  expect("which is told", true, results.failedResults[0].sf__Error.startsWith("DUPLICATE_VALUE:"));
  const read = await (await conn.bulk2.query(
    "SELECT Id, Name, Weight__c, Notes__c, Fragile__c, Sent__c, Due__c FROM Shipment__c WHERE Key__c LIKE 'j%' ORDER BY Weight__c",
  )).toArray();
  expect("they are read as they were written", records.slice(0, MANY).map((one) => [
    one.Name, String(one.Weight__c), one.Notes__c, String(one.Fragile__c), one.Sent__c, ""]),
    read.map((one) => [one.Name, String(Number(one.Weight__c)), one.Notes__c, one.Fragile__c, one.Sent__c, one.Due__c ?? ""]));
  const upserted = await conn.bulk2.loadAndWaitForResults({ object: "Shipment__c", operation: "upsert",
    externalIdFieldName: "Key__c", input: [{ Key__c: "j1", Name: "Changed" }, { Key__c: "k1", Name: "Made" }] });
  expect("an upsert tells what it made", { Changed: "false", Made: "true" },
    Object.fromEntries(upserted.successfulResults.map((one) => [one.Name, one.sf__Created])));
  const wrong = await refusal(() => conn.bulk2.loadAndWaitForResults({ object: "Shipment__c", operation: "insert",
    input: [{ Nmae: "x" }] }));
  expect("a column that is not there fails the job", true, wrong.message.includes("Nmae"));
  return read.map((one) => ({ Id: one.Id }));
}

async function inBatches(conn, records) {
  say("They do the same by Bulk API 1.0.");
  const updated = await conn.bulk.load("Shipment__c", "update", records.slice(0, 50).map((one) => ({ ...one, Weight__c: 1 })));
  expect("an update is taken", [50, true], [updated.length, updated.every((one) => one.success)]);
  const queried = await (await conn.bulk.query("SELECT Name, Weight__c FROM Shipment__c WHERE Weight__c = 1")).toArray();
  expect("and read", 50, queried.length);
  const removed = await conn.sobject("Shipment__c").destroyBulk(records.slice(0, 100));
  expect("a delete too", 100, removed.filter((one) => one.success).length);
  const rest = await conn.bulk2.loadAndWaitForResults({ object: "Shipment__c", operation: "delete", input: records.slice(100) });
  expect("the rest by 2.0", MANY - 100, rest.successfulResults.length);
  expect("nothing is left but what the upsert made", 1, await conn.sobject("Shipment__c").count());
}

export async function bulk(conn) {
  conn.bulk.pollInterval = 300;
  conn.bulk.pollTimeout = 120_000;
  await inBatches(conn, await loaded(conn));
}
