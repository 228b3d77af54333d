"""What users of aiosalesforce do with many records: Bulk API 2.0."""

import asyncio

import httpx
from aiosalesforce import ClientCredentialsFlow, Salesforce

from demo_org import ADMIN, URL, headwater
from server import expect, say

MANY = 1500


async def in_calls(sf):
    say("They send several calls as one.")
    async with sf.composite(all_or_none=True, autoraise=True) as composite:
        account = composite.sobject.create("Account", {"Name": "Composed"})
        # As it is, its JSON library would write the reference without the "@{…}" around it.
        contact = composite.sobject.create("Contact", {"LastName": "Part", "AccountId": str(account.reference.id)})
        query = composite.query("SELECT Id FROM Account WHERE Name = 'Sample'")
    expect("they refer to one another", account.id,
           (await sf.sobject.get("Contact", contact.id))["AccountId"])
    expect("a query is one of them", 1, len(query.records))
    composite = sf.composite(all_or_none=True)
    lost = composite.sobject.create("Account", {"Name": "Never there"})
    wrong = composite.sobject.create("Contact", {"FirstName": "Only"})
    await composite.execute()
    expect("all or none makes none", ([400, 400], "PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"),
           ([lost.status_code, wrong.status_code], lost.response_body[0]["errorCode"],
            wrong.response_body[0]["errorCode"]))
    async with sf.composite.batch(halt_on_error=False) as batch:
        made = batch.sobject.create("Account", {"Name": "In a batch"})
        bad = batch.sobject.create("Account", {"Industry": "Energy"})
        read = batch.sobject.get("Account", account.id)
    expect("in a batch each stands alone", [201, 400, 200], [one.status_code for one in (made, bad, read)])
    expect("and is answered", "Composed", read.record["Name"])


async def by_bulk(sf):
    say("They load and change many by Bulk API 2.0.")
    records = [{"Name": f"Aio {number}", "Key__c": f"a{number}", "Weight__c": number,
                "Notes__c": f'"{number}",\nor so'} for number in range(MANY)]
    done = await sf.bulk_v2.insert("Shipment__c", [*records, {"Name": "Twice", "Key__c": "a1", "Weight__c": 1, "Notes__c": ""}])
    expect("each is made, but the one whose key is taken", (MANY, ["Twice"], []), (
        len(done.successful_results), [row["Name"] for row in done.failed_results], done.unprocessed_records))
    done = await sf.bulk_v2.upsert("Shipment__c", [{"Key__c": "a2", "Name": "Changed"}, {"Key__c": "z", "Name": "Made"}],
                                   external_id_field="Key__c")
    expect("an upsert tells what it made", {"Changed": "false", "Made": "true"},
           {row["Name"]: row["sf__Created"] for row in done.successful_results})
    found = [row async for row in sf.query("SELECT Id, Name, Notes__c FROM Shipment__c WHERE Name LIKE 'Aio %'")]
    expect("they are read as they were written", {(row["Name"], row["Notes__c"]) for row in records if row["Key__c"] != "a2"},
           {(row["Name"], row["Notes__c"]) for row in found})
    done = await sf.bulk_v2.delete("Shipment__c", [{"Id": row["Id"]} for row in found])
    expect("they are deleted", len(found), len(done.successful_results))


async def story():
    app = headwater("app", "add", "Asynchronous", "--run-as", ADMIN)
    async with httpx.AsyncClient(timeout=60) as client:
        sf = Salesforce(client, base_url=URL, auth=ClientCredentialsFlow(app["client_id"], app["client_secret"]))
        await in_calls(sf)
        await by_bulk(sf)
    say("The story holds, with aiosalesforce and many records.")


if __name__ == "__main__":
    asyncio.run(story())
