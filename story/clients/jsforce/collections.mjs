// Many records in one call, as jsforce does with every array.
import { expect, refusal, say } from "./telling.mjs";

export async function collections(conn) {
  say("They hand over arrays, and get arrays.");
  const shipments = conn.sobject("Shipment__c");
  const made = await shipments.create(
    Array.from({ length: 210 }, (_, number) => ({ Name: `Many ${number}`, Key__c: `m${number}` })),
    { allowRecursive: true },
  );
  expect("more than one call takes are made", [210, true], [made.length, made.every((one) => one.success)]);
  const ids = made.slice(0, 3).map((one) => one.id);
  const read = await shipments.retrieve(ids);
  expect("they are read in the order asked", ["Many 0", "Many 1", "Many 2"], read.map((one) => one.Name));
  const mixed = await shipments.update([
    { Id: ids[0], Weight__c: 4.5 },
    { Id: ids[1], Weight__c: "heavy" },
  ]);
  expect("one that is wrong is told beside one that is right", [true, false], mixed.map((one) => one.success));
  expect("with what is wrong", "string", typeof mixed[1].errors[0].statusCode);
  const together = await shipments.update(
    [{ Id: ids[0], Weight__c: 9 }, { Id: ids[1], Name: null, Key__c: "m2" }],
    { allOrNone: true },
  );
  expect("all or none changes none", ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "DUPLICATE_VALUE"],
    together.map((one) => one.errors[0].statusCode));
  expect("the first is as it was", 4.5, (await shipments.retrieve(ids[0])).Weight__c);
  const upserted = await shipments.upsert(
    [{ Key__c: "m3", Name: "Many three" }, { Key__c: "m1000", Name: "Many 1000" }],
    "Key__c",
  );
  expect("an upsert tells what it made", [false, true], upserted.map((one) => one.created));
  const gone = await shipments.destroy(ids);
  expect("they are deleted", ids, gone.map((one) => one.id));
  const changed = await shipments.find({ Name: { $like: "Many 1_" } }).update({ Name: "${Name} more" });
  expect("what a query finds is changed", 10, changed.filter((one) => one.success).length);
  const removed = await shipments.find({ Name: { $like: "Many %" } }).destroy();
  expect("and deleted", [208, 0], [removed.length, await shipments.count({ Name: { $like: "Many %" } })]);
  const request = { allOrNone: true, compositeRequest: [
    { method: "POST", url: `/services/data/v${conn.version}/sobjects/Account`, referenceId: "a", body: { Name: "First" } },
    { method: "POST", url: `/services/data/v${conn.version}/sobjects/Contact`, referenceId: "c",
      body: { LastName: "Second", AccountId: "@{a.id}" } },
  ] };
  const { compositeResponse } = await conn.requestPost("/composite", request);
  const [contact] = await conn.sobject("Contact").find({ LastName: "Second" }, "Account.Name");
  expect("a composite call links what it makes", [[201, 201], "First"], [
    compositeResponse.map((one) => one.httpStatusCode),
    contact.Account.Name,
  ]);
  const bad = await refusal(() => conn.requestPost("/composite", { compositeRequest: "none" }));
  expect("what is no composite call is refused", true, Boolean(bad.errorCode));
}
