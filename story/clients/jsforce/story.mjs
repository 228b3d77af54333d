// What users of jsforce do.
import jsforce from "jsforce";
import { bulk } from "./bulk.mjs";
import { collections } from "./collections.mjs";
import { streaming } from "./streaming.mjs";
import { expect, refusal, say } from "./telling.mjs";

const ADMIN = "admin@headwater.example";
const PASSWORD = process.env.HEADWATER_PASSWORD;
const ORG = "https://headwater.my.salesforce.com";

async function loggingIn() {
  say("They log in by SOAP and by OAuth, and out again.");
  const bySoap = new jsforce.Connection({ loginUrl: "https://login.salesforce.com" });
  const user = await bySoap.login(ADMIN, PASSWORD);
  const identity = await bySoap.identity();
  expect("the identity is the user's", [ADMIN, user.id, user.organizationId], [
    identity.username,
    identity.user_id,
    identity.organization_id,
  ]);
  await bySoap.logout();
  const late = await refusal(() =>
    new jsforce.Connection({ instanceUrl: ORG, accessToken: "00D000000000000!none" }).query(
      "SELECT Id FROM Account",
    ),
  );
  expect("a made-up session is none", "INVALID_SESSION_ID", late.errorCode);
  const wrong = await refusal(() => bySoap.login(ADMIN, "wrong"));
  expect("a wrong password is refused", true, wrong.message.startsWith("INVALID_LOGIN"));
  const oauth2 = { loginUrl: ORG, clientId: "PlatformCLI", clientSecret: "" };
  const conn = new jsforce.Connection({ oauth2 });
  await conn.authorize({ grant_type: "password", username: ADMIN, password: PASSWORD });
  expect("OAuth says where the org is", ORG, conn.instanceUrl);
  return conn;
}

async function describing(conn) {
  say("They look at what there is.");
  const all = await conn.describeGlobal();
  const shipment = all.sobjects.find((one) => one.name === "Shipment__c");
  expect("custom objects are listed", [true, "Shipments"], [shipment.custom, shipment.labelPlural]);
  const described = await conn.sobject("Account").describe$();
  const key = described.fields.find((field) => field.name === "Import_Key__c");
  expect("fields are described", [true, 40], [key.externalId, key.length]);
  expect("children too", "Shipments__r", described.childRelationships.find(
    (child) => child.childSObject === "Shipment__c").relationshipName);
  const limits = await conn.limits();
  expect("limits are told", true, limits.DailyApiRequests.Max >= conn.limitInfo.apiUsage.used);
  expect("tabs are a list", true, Array.isArray(await conn.tabs()));
  expect("the theme has items", true, Array.isArray((await conn.theme()).themeItems));
  expect("what was used of late is a list", true, Array.isArray(await conn.recent()));
}

async function rows(conn) {
  say("They create, read, change, upsert and delete single records.");
  const accounts = conn.sobject("Account");
  const made = await accounts.create({ Name: "Čeští & syn", NumberOfEmployees: 7 });
  expect("a record is made", [true, []], [made.success, made.errors]);
  const found = await accounts.retrieve(made.id);
  expect("it is read as it was written", ["Čeští & syn", 7], [found.Name, found.NumberOfEmployees]);
  const updated = await accounts.update({ Id: made.id, Industry: "Energy" });
  expect("an update is taken", [true, made.id], [updated.success, updated.id]);
  const key = { Name: "By key", Import_Key__c: "js-1" };
  const first = await accounts.upsert(key, "Import_Key__c");
  const second = await accounts.upsert({ ...key, Name: "By the same key" }, "Import_Key__c");
  expect("an upsert makes and then changes", [true, true], [first.success, second.success]);
  const [byKey] = await accounts.find({ Import_Key__c: "js-1" }, "Id, Name");
  expect("one record", [first.id, "By the same key"], [byKey.Id, byKey.Name]);
  const gone = await accounts.destroy(byKey.Id);
  expect("it is deleted", true, gone.success);
  const again = await refusal(() => accounts.retrieve(byKey.Id));
  expect("and gone", "ENTITY_IS_DELETED", again.errorCode);
  const nameless = await refusal(() => accounts.create({ Industry: "Energy" }));
  expect("a name that is missing is told", ["REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"], [
    nameless.errorCode,
    nameless.message,
  ]);
  const start = new Date(Date.now() - 3600_000).toISOString();
  const end = new Date(Date.now() + 120_000).toISOString();
  expect("what was changed is listed", true, (await accounts.updated(start, end)).ids.includes(made.id));
  const deleted = await accounts.deleted(start, end);
  expect("and what was deleted", true, deleted.deletedRecords.some((one) => one.id === byKey.Id));
  return made.id;
}

async function querying(conn, account) {
  say("They query, in SOQL and by conditions, page by page.");
  const contacts = conn.sobject("Contact");
  const names = Array.from({ length: 230 }, (_, number) => `Novák ${String(number).padStart(3, "0")}`);
  for (let at = 0; at < names.length; at += 10) {
    await Promise.all(
      names.slice(at, at + 10).map((LastName) => contacts.create({ LastName, AccountId: account })),
    );
  }
  const soql = `SELECT Id, LastName, Account.Name FROM Contact WHERE AccountId = '${account}' ORDER BY LastName`;
  const small = { headers: { "Sforce-Query-Options": "batchSize=200" } };
  const page = await conn.query(soql, small);
  expect("the first page says how many there are", [230, false, 200], [
    page.totalSize,
    page.done,
    page.records.length,
  ]);
  const rest = await conn.queryMore(page.nextRecordsUrl);
  expect("the second is the rest", [true, names.slice(200)], [
    rest.done,
    rest.records.map((record) => record.LastName),
  ]);
  const fetched = await conn.query(soql, { ...small, autoFetch: true, maxFetch: 1000 });
  expect("fetched by itself, each is there once", names, fetched.records.map((record) => record.LastName));
  expect("with the name of its account", ["Čeští & syn"], [
    ...new Set(fetched.records.map((record) => record.Account.Name)),
  ]);
  const some = await contacts
    .find({ AccountId: account, LastName: { $like: "Novák 00%" } }, { LastName: 1, "Account.Name": 1 })
    .sort({ LastName: -1 })
    .skip(2)
    .limit(3);
  expect("conditions, order, offset and limit", ["Novák 007", "Novák 006", "Novák 005"],
    some.map((record) => record.LastName));
  expect("a count", 230, await contacts.count({ AccountId: account }));
  const star = await conn.sobject("Shipment__c").select("*, Account__r.*").where({ Name: "none" });
  expect("all fields of an object and its parent", 0, star.length);
  const streamed = await new Promise((resolve, reject) => {
    const seen = [];
    conn.query(`SELECT LastName FROM Contact WHERE AccountId = '${account}'`)
      .on("record", (record) => seen.push(record.LastName))
      .on("end", () => resolve(seen))
      .on("error", reject)
      .run({ autoFetch: true });
  });
  expect("streamed record by record", names, streamed.sort());
  const plan = await conn.query(soql).explain();
  expect("a plan is explained", "Contact", plan.plans[0].sobjectType);
}

async function files(conn, account) {
  say("They keep files.");
  const content = Buffer.from(Array.from({ length: 70_000 }, (_, place) => place % 256));
  const downloaded = async (object, id, field) => {
    const pieces = [];
    for await (const piece of conn.sobject(object).record(id).blob(field)) pieces.push(piece);
    return Buffer.concat(pieces).equals(content);
  };
  const Body = content.toString("base64");
  const attached = await conn.sobject("Attachment").create({ ParentId: account, Name: "all.bin", Body });
  expect("an attachment is downloaded as it was", true, await downloaded("Attachment", attached.id, "Body"));
  const made = await conn.sobject("ContentVersion").create({
    PathOnClient: "all.bin", VersionData: Body, FirstPublishLocationId: account,
  });
  expect("and so is a file", true, await downloaded("ContentVersion", made.id, "VersionData"));
  const links = await conn.query(
    `SELECT ContentDocument.LatestPublishedVersionId FROM ContentDocumentLink WHERE LinkedEntityId = '${account}'`);
  expect("which belongs to the record it was published to", [made.id],
    links.records.map((link) => link.ContentDocument.LatestPublishedVersionId));
}

const conn = await loggingIn();
await describing(conn);
const account = await rows(conn);
await querying(conn, account);
await files(conn, account);
await collections(conn);
await bulk(conn);
await streaming(conn);
say("The story holds, with jsforce.");
