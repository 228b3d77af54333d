"""What users of aiosalesforce do."""

import asyncio
from xml.sax.saxutils import escape

import httpx
from aiosalesforce import Salesforce, format_soql
from aiosalesforce.auth import ClientCredentialsFlow, SoapLogin
from aiosalesforce.exceptions import NotFoundError, SalesforceError

from demo_org import ADMIN, PASSWORD, URL, headwater
from server import expect, say

AT_ONCE = 40


async def refusal(kind, call):
    """The refusal of a call that must be refused in this way."""
    try:
        answer = await call
    except kind as refused:
        return refused
    raise SystemExit(f"not refused: {answer}")


async def logging_in(client):
    say("They log in by SOAP, and by an app's own credentials.")
    # The library puts the password into its envelope as it is, so markup in it is the user's to escape.
    by_soap = Salesforce(client, base_url=URL, auth=SoapLogin(ADMIN, escape(PASSWORD), ""))
    expect("the limits are told", True, (await by_soap.get_limits())["DailyApiRequests"]["Max"] > 0)
    wrong = Salesforce(client, base_url=URL, auth=SoapLogin(ADMIN, "wrong", ""), retry_policy=None)
    refused = await refusal(SalesforceError, wrong.get_limits())
    expect("a wrong password is refused in the library's own words", "INVALID_LOGIN", refused.error_code)
    app = headwater("app", "add", "Asynchronous", "--run-as", ADMIN)
    auth = ClientCredentialsFlow(app["client_id"], app["client_secret"])
    return Salesforce(client, base_url=URL, auth=auth)


async def rows(sf):
    say("They create, read, change, upsert and delete.")
    account = await sf.sobject.create("Account", {"Name": "Nørrebro Kaffe", "NumberOfEmployees": 12})
    found = await sf.sobject.get("Account", account, fields=["Name", "NumberOfEmployees", "IsDeleted"])
    expect("a record is read as it was written", ("Nørrebro Kaffe", 12, False),
           (found["Name"], found["NumberOfEmployees"], found["IsDeleted"]))
    await sf.sobject.update("Account", account, {"NumberOfEmployees": 13})
    expect("an update is seen", 13, (await sf.sobject.get("Account", account))["NumberOfEmployees"])
    made = await sf.sobject.upsert("Account", "aio-1", external_id_field="Import_Key__c",
                                   data={"Name": "By key", "Import_Key__c": "aio-1"})
    changed = await sf.sobject.upsert("Account", "aio-1", external_id_field="Import_Key__c",
                                      data={"Name": "By the same key"})
    expect("an upsert makes and then changes one record", (True, False, made.id),
           (made.created, changed.created, changed.id))
    by_key = await sf.sobject.get("Account", "aio-1", external_id_field="Import_Key__c")
    expect("which is read by its key", "By the same key", by_key["Name"])
    await sf.sobject.delete("Account", "aio-1", external_id_field="Import_Key__c")
    gone = await refusal(NotFoundError, sf.sobject.get("Account", "aio-1", external_id_field="Import_Key__c"))
    expect("and deleted by it", "NOT_FOUND", gone.error_code)
    bare = await refusal(SalesforceError, sf.sobject.create("Contact", {"FirstName": "Only"}))
    expect("what is missing is told", "Required fields are missing: [LastName]", bare.error_message)
    return account


async def querying(sf, account):
    say("They write many at once, and query them.")
    await asyncio.gather(*(
        sf.sobject.create("Contact", {"LastName": f"Jensen {number:02}", "AccountId": account})
        for number in range(AT_ONCE)))
    soql = format_soql("SELECT LastName, Account.Name FROM Contact WHERE AccountId = {} AND LastName LIKE "
                       "'{:like}%' ORDER BY LastName", account, "Jensen")
    found = [(record["LastName"], record["Account"]["Name"]) async for record in sf.query(soql)]
    expect("each is there once", [(f"Jensen {number:02}", "Nørrebro Kaffe") for number in range(AT_ONCE)],
           found)
    contact = [record async for record in sf.query(f"SELECT Id FROM Contact WHERE AccountId = '{account}'")][0]
    await sf.sobject.delete("Contact", contact["Id"])
    counted = {}
    for everything in (False, True):
        soql = f"SELECT Id FROM Contact WHERE AccountId = '{account}'"
        counted[everything] = len([record async for record in sf.query(soql, include_all_records=everything)])
    expect("the deleted one is found only among all", {False: AT_ONCE - 1, True: AT_ONCE}, counted)


async def story():
    async with httpx.AsyncClient(timeout=60) as client:
        sf = await logging_in(client)
        account = await rows(sf)
        await querying(sf, account)
    say("The story holds, with aiosalesforce.")


if __name__ == "__main__":
    asyncio.run(story())
