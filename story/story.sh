#!/usr/bin/env bash
# The story over plain HTTP, with curl: a session shows the wrong account; it cannot be changed
# there; it is changed on the Messaging User; every session follows. Each step asserts what the
# server answers, and the first mismatch ends it.
set -euo pipefail

cd "$(dirname "$0")"
binary=${HEADWATER_BINARY:-../target/release/headwater}
password='a story told twice'
version=67.0

# --- A server of its own -------------------------------------------------------------------------

directory=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$directory"
}
trap finish EXIT

fail() {
  printf '\nThe story breaks here: %s\n' "$1" >&2
  if [ $# -gt 1 ]; then printf '  expected: %s\n  found:    %s\n' "$2" "$3" >&2; fi
  printf '\nThe last answer was %s:\n%s\n' "${status:-none}" "${body:-}" >&2
  tail -n 20 "$directory/log" >&2 || true
  exit 1
}

# Port 0 is the system's choice, so two stories never meet; the ready line says which it was.
mkfifo "$directory/printed"
HEADWATER_DEMO_PASSWORD=$password "$binary" serve --demo --listen 127.0.0.1:0 \
  --data "$directory/data" >"$directory/printed" 2>"$directory/log" &
server=$!
exec 3<"$directory/printed"
url=
while [ -z "$url" ] && read -r line <&3; do
  case $line in 'headwater is ready: '*)
    url=${line#headwater is ready: }
    url=${url%% *}
    ;;
  esac
done
[ -n "$url" ] || fail 'the server ended before it was ready'
curl -sf "$url/ready" >/dev/null || fail 'it says it is ready, and /ready does not'

# --- Words to tell it with -----------------------------------------------------------------------

data=$url/services/data/v$version
ours=$url/services/headwater/v1
token=

say() { printf '\n%s\n' "$*"; }
done_so() { printf '  ✓ %s\n' "$*"; }

# Calls the server as whoever is logged in; leaves the answer in $status, $body and $headers.
call() {
  status=$(curl -s -o "$directory/body" -D "$directory/headers" -w '%{http_code}' \
    -H "Authorization: Bearer $token" "$@")
  body=$(cat "$directory/body")
  headers=$(tr -d '\r' <"$directory/headers")
}
send() { # METHOD URL JSON
  call -X "$1" "$2" -H 'Content-Type: application/json' -d "$3"
}
soql() { call --get "$data/query" --data-urlencode "q=$1"; }

# A part of the answer, as a Python expression over `it`; texts come bare, all else as JSON.
part() {
  python3 -c '
import json, sys
it = json.loads(sys.argv[1])
value = eval(sys.argv[2])
print(value if isinstance(value, str) else json.dumps(value))
' "$body" "$1"
}

expect() { # WHAT EXPECTED FOUND
  [ "$2" = "$3" ] || fail "$1" "$2" "$3"
  done_so "$1"
}
expect_status() { [ "$status" = "$1" ] || fail "the status of the answer" "$1" "$status"; }
expect_count() { # WHAT EXPECTED SOQL
  soql "$3"
  expect_status 200
  expect "$1" "$2" "$(part 'it["totalSize"]')"
}

log_in() { # USER; leaves the access token in $token
  status=$(curl -s -o "$directory/body" -w '%{http_code}' "$url/services/oauth2/token" \
    -d grant_type=password -d client_id=PlatformCLI \
    --data-urlencode "username=$1@headwater.example" --data-urlencode "password=${2:-$password}")
  body=$(cat "$directory/body")
}

# --- The story -----------------------------------------------------------------------------------

say 'An agent logs in.'
log_in agent 'not the password'
expect_status 400
expect 'a wrong password is refused' invalid_grant "$(part 'it["error"]')"
log_in agent
expect_status 200
token=$(part 'it["access_token"]')
done_so "agent@headwater.example is in"

say 'A customer has written many times, and every session shows the wrong account.'
soql "SELECT Id, Name, Status, MessagingEndUserId, MessagingEndUser.Name, EndUserAccountId,
        EndUserAccount.Name, EndUserContact.Name
      FROM MessagingSession WHERE EndUserAccount.Name = 'Test1' ORDER BY StartTime DESC"
expect_status 200
many=$(part 'it["totalSize"]')
[ "$many" -gt 5 ] || fail 'a customer with many sessions of Test1' 'more than 5' "$many"
person=$(part 'it["records"][0]["MessagingEndUser"]["Name"]')
user=$(part 'it["records"][0]["MessagingEndUserId"]')
open=$(part '[r["Id"] for r in it["records"] if r["Status"] != "Ended"][0]')
ended=$(part '[r["Id"] for r in it["records"] if r["Status"] == "Ended"][0]')
test1=$(part 'it["records"][0]["EndUserAccountId"]')
expect "all $many sessions are $person's" 1 \
  "$(part 'len({r["MessagingEndUserId"] for r in it["records"]})')"
soql "SELECT Id FROM Account WHERE Name = 'Sample'"
sample=$(part 'it["records"][0]["Id"]')
expect_count 'Sample has none of them' 0 \
  "SELECT COUNT() FROM MessagingSession WHERE MessagingEndUserId = '$user' AND EndUserAccountId = '$sample'"
soql "SELECT COUNT() FROM MessagingSession WHERE EndUserAccountId = '$sample'"
sample_before=$(part 'it["totalSize"]')

say 'Describe says where it is edited, and where not.'
call "$data/sobjects/MessagingSession/describe"
expect_status 200
may() { part "[[f['createable'], f['updateable']] for f in it['fields'] if f['name'] == '$1'][0]"; }
for field in EndUserAccountId EndUserContactId; do
  expect "MessagingSession.$field takes neither create nor update" '[false, false]' "$(may "$field")"
done
for field in CaseId LeadId OpportunityId CampaignId; do
  expect "MessagingSession.$field takes both" '[true, true]' "$(may "$field")"
done
call "$data/sobjects/MessagingEndUser/describe"
for field in AccountId ContactId; do
  expect "MessagingEndUser.$field takes both" '[true, true]' "$(may "$field")"
done

say 'The agent tries to change it on the session.'
# What Salesforce answers, to the letter; our pointer is one key more, and a header.
refusal() {
  printf '%s' "{\"message\": \"Unable to create/update fields: $1. Please check the security settings" \
    " of this field and verify that it is read/write for your profile or permission set.\"," \
    " \"errorCode\": \"INVALID_FIELD_FOR_INSERT_UPDATE\", \"fields\": [\"$1\"]}"
}
without_pointer='[{k: v for k, v in e.items() if k != "notWritable"} for e in it]'
for field in EndUserAccountId EndUserContactId; do
  send PATCH "$data/sobjects/MessagingSession/$ended" "{\"$field\": null}"
  expect_status 400
  expect "$field: refused in Salesforce's words" "[$(refusal "$field")]" "$(part "$without_pointer")"
  edit_at="$field=/services/data/v$version/sobjects/MessagingEndUser/$user/${field#EndUser}"
  expect "$field: a header says where to edit it" "$edit_at" \
    "$(sed -n 's/^headwater-edit-at: //Ip' <<<"$headers")"
  expect "$field: so does a key that other clients ignore" "[\"MessagingEndUser\", \"$user\"]" \
    "$(part '[it[0]["notWritable"][0]["editAt"][k] for k in ("object", "id")]')"
done
send PATCH "$data/sobjects/MessagingSession/$ended" "{\"EndUserAccountId\": \"$sample\", \"ChannelIntent\": \"Returns\"}"
expect_status 400
call "$data/sobjects/MessagingSession/$ended?fields=EndUserAccountId,ChannelIntent"
expect 'the field beside it was not written either' "[\"$test1\", null]" \
  "$(part '[it["EndUserAccountId"], it["ChannelIntent"]]')"
soql "SELECT MessagingChannelId FROM MessagingEndUser WHERE Id = '$user'"
channel=$(part 'it["records"][0]["MessagingChannelId"]')
send POST "$data/sobjects/MessagingSession" "{\"MessagingChannelId\": \"$channel\",
  \"MessagingEndUserId\": \"$user\", \"Status\": \"Ended\", \"EndUserAccountId\": \"$sample\"}"
expect_status 400
expect 'nor can a new session carry it' "[$(refusal EndUserAccountId)]" "$(part "$without_pointer")"

say 'Why? And where instead?'
call "$ours/explain/MessagingSession/$ended/EndUserAccountId"
expect_status 200
expect 'the first rule that says no' inherited "$(part 'it["lock"]["rule"].lower()')"
expect 'it is edited on the Messaging User' "[\"MessagingEndUser\", \"AccountId\", \"$user\", true]" \
  "$(part '[it["lock"]["editAt"][k] for k in ("object", "field", "id", "editable")]')"
expect "all $many sessions share it" "$many" "$(part 'it["lock"]["editAt"]["sessions"]')"
done_so "“$(part 'it["lock"]["reason"]')”"

say 'The agent changes it on the Messaging User.'
before=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
send PATCH "$data/sobjects/MessagingEndUser/$user" "{\"AccountId\": \"$sample\"}"
expect_status 204
done_so "$person is linked to Sample"

say 'Every session follows: in reads, filters, order and counts, open and ended.'
for session in "$open" "$ended"; do
  call "$data/sobjects/MessagingSession/$session?fields=Status,EndUserAccountId"
  expect "the $(part 'it["Status"].lower()') session, read by its id, shows Sample" "$sample" \
    "$(part 'it["EndUserAccountId"]')"
done
expect_count 'Test1 has none left' 0 \
  "SELECT COUNT() FROM MessagingSession WHERE EndUserAccount.Name = 'Test1'"
expect_count "Sample has $many more, found by id" $((sample_before + many)) \
  "SELECT COUNT() FROM MessagingSession WHERE EndUserAccountId = '$sample'"
expect_count 'and by name' $((sample_before + many)) \
  "SELECT COUNT() FROM MessagingSession WHERE EndUserAccount.Name = 'sample'"
expect_count 'one of them is open' 1 "SELECT COUNT() FROM MessagingSession
  WHERE EndUserAccountId = '$sample' AND Id = '$open' AND Status != 'Ended'"
soql "SELECT EndUserAccount.Name FROM MessagingSession WHERE EndUserAccountId != null
      ORDER BY EndUserAccount.Name, StartTime DESC"
expect 'the list by account name is in order' true "$(part \
  '[n.lower() for n in (r["EndUserAccount"]["Name"] for r in it["records"])] == sorted(r["EndUserAccount"]["Name"].lower() for r in it["records"])')"
soql "SELECT Id, EndUserAccountId FROM MessagingSession WHERE EndUserAccountId = '$sample'
      ORDER BY StartTime DESC LIMIT 50"
expect 'the newest of the account are there' "[true, true]" \
  "$(part "[any(r['Id'] == i for r in it['records']) for i in ('$open', '$ended')]")"

say "Case, lead and opportunity are the session's own, and are edited there."
own() { # FIELD OBJECT
  local now record
  call "$data/sobjects/MessagingSession/$ended?fields=$1"
  now=$(part "it['$1'] or ''")
  soql "SELECT Id FROM $2 WHERE Id != '$now' ORDER BY CreatedDate, Id LIMIT 1"
  record=$(part 'it["records"][0]["Id"]')
  send PATCH "$data/sobjects/MessagingSession/$ended" "{\"$1\": \"$record\"}"
  expect_status 204
  call "$data/sobjects/MessagingSession/$ended?fields=$1"
  expect "$1 is changed on the session" "$record" "$(part "it['$1']")"
}
own LeadId Lead
own OpportunityId Opportunity
own CaseId Case

say 'Relinking does it for many at once, and keeps a journal. First only asking:'
order() { printf '{"messagingEndUserIds": ["%s"], "accountId": "%s", "contactId": null, "reason": "%s", "dryRun": %s}' "$user" "$test1" 'To show the way back' "$1"; }
send POST "$ours/relinks" "$(order true)"
expect_status 200
expect "it would change $many sessions" "$many" "$(part 'it["sessionsAffected"]')"
expect 'from Sample to Test1' '["Sample", "Test1"]' \
  "$(part '[it["messagingUsers"][0]["account"][k]["name"] for k in ("before", "after")]')"
expect 'nothing is written' '[true, null]' "$(part '[it["dryRun"], it["id"]]')"
expect_count 'and nothing has changed' "$many" \
  "SELECT COUNT() FROM MessagingSession WHERE MessagingEndUserId = '$user' AND EndUserAccountId = '$sample'"
contact=$(soql "SELECT ContactId FROM MessagingEndUser WHERE Id = '$user'"; part 'it["records"][0]["ContactId"]')

say 'Then in earnest:'
send POST "$ours/relinks" "$(order false)"
[ "$status" = 201 ] || expect_status 200
relink=$(part 'it["id"]')
expect_count 'every session follows' "$many" "SELECT COUNT() FROM MessagingSession
  WHERE EndUserAccountId = '$test1' AND EndUserContactId = null AND MessagingEndUserId = '$user'"
soql "SELECT Reason, SessionsAffected, CreatedBy.Username FROM Relink WHERE Id = '$relink'"
expect 'the relink is a record, with reason, reach and who' \
  "[\"To show the way back\", $many, \"agent@headwater.example\"]" \
  "$(part '[it["records"][0]["Reason"], it["records"][0]["SessionsAffected"], it["records"][0]["CreatedBy"]["Username"]]')"

say 'And back:'
call -X POST "$ours/relinks/$relink/undo"
[ "$status" = 201 ] || expect_status 200
expect_count 'every session follows, account and contact' "$many" "SELECT COUNT() FROM MessagingSession
  WHERE EndUserAccountId = '$sample' AND EndUserContactId = '$contact' AND MessagingEndUserId = '$user'"
call -X POST "$ours/relinks/$relink/undo"
expect_status 409
done_so 'it cannot be undone twice'

say 'History tells all of it.'
soql "SELECT OldValue, NewValue FROM MessagingEndUserHistory WHERE MessagingEndUserId = '$user'
      AND Field = 'Account' AND DataType = 'Text' ORDER BY CreatedDate"
expect 'the account: to Sample, to Test1, to Sample' \
  '[["Test1", "Sample"], ["Sample", "Test1"], ["Test1", "Sample"]]' \
  "$(part '[[r["OldValue"], r["NewValue"]] for r in it["records"]]')"
soql "SELECT Field FROM MessagingSessionHistory WHERE MessagingSessionId = '$ended'
      AND Field IN ('Case', 'Lead', 'Opportunity', 'Account') AND DataType = 'EntityId' ORDER BY Field"
expect "the session's own links, and only those" '["Case", "Lead", "Opportunity"]' \
  "$(part 'sorted({r["Field"] for r in it["records"]})')"
call --get "$ours/sessions/$ended/identity" --data-urlencode "asOf=$before"
expect_status 200
expect 'what the session showed before all this' '["Test1", "Sample"]' \
  "$(part '[it["account"]["then"]["name"], it["account"]["now"]["name"]]')"

say 'The command line does the same, from any machine.'
asked() { HEADWATER_URL=$url HEADWATER_TOKEN=$token "$binary" "$@" --json; }
body=$(asked relink --user "$user" --account Test1 --dry-run)
expect 'headwater relink --dry-run counts the same sessions' "$many" "$(part 'it["sessionsAffected"]')"
body=$(asked fields MessagingSession)
expect 'headwater fields says the same of the account' inherited "$(part \
  '[f["lock"]["rule"] for f in it["fields"] if f["field"] == "EndUserAccountId"][0]')"

say 'Somebody who may only read is refused, on every door.'
log_in viewer
token=$(part 'it["access_token"]')
expect_count "they see the $many sessions" "$many" \
  "SELECT COUNT() FROM MessagingSession WHERE MessagingEndUserId = '$user'"
send PATCH "$data/sobjects/MessagingEndUser/$user" "{\"AccountId\": null}"
expect_status 403
expect 'no change of the Messaging User' INSUFFICIENT_ACCESS_OR_READONLY "$(part 'it[0]["errorCode"]')"
send POST "$ours/relinks" "$(order false)"
expect_status 403
expect 'no relink' INSUFFICIENT_ACCESS_OR_READONLY "$(part 'it[0]["errorCode"]')"
call "$ours/explain/MessagingEndUser/$user/AccountId"
expect 'and are told who can grant it' '[false, true]' \
  "$(part '[it["editable"], bool(it["lock"]["grantedBy"])]')"
token=
call "$data/query?q=SELECT+Id+FROM+Account"
expect_status 401
done_so 'without logging in there is nothing at all'

say 'The server ends in order.'
kill "$server"
ended_so=0
wait "$server" || ended_so=$?
server=
expect 'with status 0' 0 "$ended_so"
if grep -E '"level":"(WARN|ERROR)"' "$directory/log"; then fail 'it complained while the story was told'; fi
done_so 'without a complaint in its log'

say 'The story holds, with curl over HTTP.'
