#!/usr/bin/env bash
# The story with plain curl, over HTTP: a session shows the wrong account; it cannot be changed
# there; it is changed on the Messaging User; every session follows. Then: why, relink, undo,
# history, and what the session showed before.
#
# Starts a server of its own on a new data directory. HEADWATER_BINARY names the binary.
set -euo pipefail
cd "$(dirname "$0")"
binary=${HEADWATER_BINARY:-../target/release/headwater}
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

say()  { printf '\n-- %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# value EXPRESSION: what a Python expression makes of the JSON on standard input, called `answer`.
value() { python3 -c 'import json, sys; answer = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }
# same WHAT EXPECTED FOUND
same() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; echo "   $1: $3"; }

say "one command starts a server with a demo org"
password="the story of $RANDOM$RANDOM"
HEADWATER_DEMO_PASSWORD=$password "$binary" serve --demo --listen 127.0.0.1:0 --data "$work/data" \
  >"$work/printed" 2>"$work/log" &
server=$!
for _ in $(seq 200); do
  grep -q '^headwater is ready' "$work/printed" && break
  kill -0 "$server" 2>/dev/null || fail "the server ended: $(cat "$work/log")"
  sleep 0.05
done
url=$(sed -n 's/^headwater is ready: //p' "$work/printed")
[ -n "$url" ] || fail "the server is not ready: $(cat "$work/log")"
sed 's/^/   /; s/password .*/password  (chosen by this script)/' "$work/printed"
data=$url/services/data/v67.0
ours=$url/services/headwater/v1

say "the agent logs in"
token=$(curl -sS "$url/services/oauth2/token" \
  -d grant_type=password -d client_id=PlatformCLI -d username=agent@headwater.example \
  --data-urlencode "password=$password" | value 'answer["access_token"]')

call()  { curl -sS -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"; }
query() { call -G "$data/query" --data-urlencode "q=$1"; }
count() { query "SELECT COUNT() FROM MessagingSession WHERE EndUserAccount.Name = '$1'" | value 'answer["totalSize"]'; }

say "a session of Jordan Avery shows the account Test1"
query "SELECT Id, Name, Status, EndUserAccount.Name, MessagingEndUserId FROM MessagingSession
       WHERE MessagingEndUser.Name = 'Jordan Avery' ORDER BY StartTime DESC LIMIT 1" >"$work/session"
session=$(value 'answer["records"][0]["Id"]' <"$work/session")
user=$(value 'answer["records"][0]["MessagingEndUserId"]' <"$work/session")
sample=$(query "SELECT Id FROM Account WHERE Name = 'Sample'" | value 'answer["records"][0]["Id"]')
test1=$(query "SELECT Id FROM Account WHERE Name = 'Test1'" | value 'answer["records"][0]["Id"]')
same "the session's account" Test1 "$(value 'answer["records"][0]["EndUserAccount"]["Name"]' <"$work/session")"
wrong=$(count Test1)
right=$(count Sample)
[ "$wrong" -ge 14 ] || fail "there should be 14 sessions or more with Test1, and there are $wrong"
echo "   sessions with Test1: $wrong, with Sample: $right"

say "it cannot be changed there: Salesforce's own words"
status=$(call -o "$work/refusal" -D "$work/headers" -w '%{http_code}' -X PATCH \
  "$data/sobjects/MessagingSession/$session" -d "{\"EndUserAccountId\": \"$sample\"}")
same "status" 400 "$status"
same "errors" 1 "$(value 'len(answer)' <"$work/refusal")"
same "code" INVALID_FIELD_FOR_INSERT_UPDATE "$(value 'answer[0]["errorCode"]' <"$work/refusal")"
same "message" "Unable to create/update fields: EndUserAccountId. Please check the security settings of this field and verify that it is read/write for your profile or permission set." \
  "$(value 'answer[0]["message"]' <"$work/refusal")"
same "fields" "['EndUserAccountId']" "$(value 'answer[0]["fields"]' <"$work/refusal")"
same "where instead" "EndUserAccountId=/services/data/v67.0/sobjects/MessagingEndUser/$user/AccountId" \
  "$(sed -n 's/^headwater-edit-at: //Ip' "$work/headers" | tr -d '\r')"
same "sessions with Test1, still" "$wrong" "$(count Test1)"

say "why not: explain"
call "$ours/explain/MessagingSession/$session/EndUserAccountId" >"$work/why"
same "rule" inherited "$(value 'answer["lock"]["rule"]' <"$work/why")"
same "edit at" "MessagingEndUser.AccountId of $user" \
  "$(value '"{object}.{field} of {id}".format(**answer["lock"]["editAt"])' <"$work/why")"
echo "   $(value 'answer["lock"]["reason"]' <"$work/why")"

say "it is changed on the Messaging User, and every session follows"
before=$(python3 -c 'import datetime; print(datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z"))')
same "status" 204 "$(call -o /dev/null -w '%{http_code}' -X PATCH \
  "$data/sobjects/MessagingEndUser/$user" -d "{\"AccountId\": \"$sample\"}")"
same "the session's account, read" "$sample" \
  "$(call "$data/sobjects/MessagingSession/$session?fields=EndUserAccountId" | value 'answer["EndUserAccountId"]')"
same "accounts of all of Jordan's sessions" "['Sample']" \
  "$(query "SELECT EndUserAccount.Name FROM MessagingSession WHERE MessagingEndUserId = '$user'" \
     | value 'sorted({r["EndUserAccount"]["Name"] for r in answer["records"]})')"
same "sessions with Test1" 0 "$(count Test1)"
same "sessions with Sample" "$((wrong + right))" "$(count Sample)"
same "first by account name" Sample \
  "$(query "SELECT EndUserAccount.Name FROM MessagingSession WHERE MessagingEndUserId = '$user'
            ORDER BY EndUserAccount.Name, Name LIMIT 1" | value 'answer["records"][0]["EndUserAccount"]["Name"]')"

say "relink: first as a dry run, then for good, then undone"
order="\"messagingEndUserIds\": [\"$user\"], \"accountId\": \"$test1\", \"reason\": \"to show it\""
call -X POST "$ours/relinks" -d "{$order, \"dryRun\": true}" >"$work/dry"
same "a dry run says how many would follow" "$wrong" "$(value 'answer["sessionsAffected"]' <"$work/dry")"
same "and changes nothing" 0 "$(count Test1)"
call -X POST "$ours/relinks" -d "{$order}" >"$work/relink"
same "before and after" "Sample, Test1" \
  "$(value '"{before[name]}, {after[name]}".format(**answer["messagingUsers"][0]["account"])' <"$work/relink")"
same "sessions with Test1" "$wrong" "$(count Test1)"
relink=$(value 'answer["id"]' <"$work/relink")
call -X POST "$ours/relinks/$relink/undo" >"$work/undo"
same "undone: sessions with Test1" 0 "$(count Test1)"
same "relinks are records" "['Manual', 'Undo']" \
  "$(query "SELECT Rule FROM Relink ORDER BY Name" | value '[r["Rule"] for r in answer["records"]]')"

say "history, and what the session showed before"
same "changes of the account" 3 \
  "$(query "SELECT OldValue, NewValue FROM MessagingEndUserHistory
            WHERE MessagingEndUserId = '$user' AND Field = 'Account'" \
     | value 'len([r for r in answer["records"] if r["NewValue"] in ("Test1", "Sample")])')"
same "the session's account before the change" "$test1" \
  "$(call -G "$ours/sessions/$session/identity" --data-urlencode "asOf=$before" | value 'answer["account"]["then"]["id"]')"
same "and now" "$sample" "$(call "$ours/sessions/$session/identity" | value 'answer["account"]["then"]["id"]')"

say "the command line does the same"
relinked=$("$binary" relink --url "$url" --token "$token" --user "$user" --account Test1 --dry-run --json | value 'answer["sessionsAffected"]')
same "headwater relink --dry-run: sessions" "$wrong" "$relinked"
"$binary" fields MessagingSession --url "$url" --token "$token" | sed -n '/EndUserAccountId/s/^/   /p'

say "the server ends in order"
kill "$server"
wait "$server" || fail "the server ended with $?: $(cat "$work/log")"
if grep -E '"level":"(WARN|ERROR)"' "$work/log"; then fail "the server complained"; fi

printf '\nThe story holds with curl.\n'
