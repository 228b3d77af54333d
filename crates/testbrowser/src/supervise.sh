# Starts chromedriver, says at which port it listens and where its files lie, and keeps it until
# standard input ends: that is a pipe whose other end dies with the test process, however that dies.
# The one argument is the program. The browsers that it starts end with it.
set -eu
umask 077
directory=$(mktemp -d "${TMPDIR:-/tmp}/headwater-browser.XXXXXX")
trap 'rm -rf "$directory"' EXIT
# What browsers keep beside their profiles goes away with these.
export HOME="$directory" TMPDIR="$directory"
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME DBUS_SESSION_BUS_ADDRESS DISPLAY

"$1" --port=0 >"$directory/said" 2>&1 </dev/null &
driver=$!
port=
while [ -z "$port" ]; do
  if ! kill -0 "$driver" 2>/dev/null; then
    cat "$directory/said"
    exit 1
  fi
  sleep 0.02
  port=$(sed -n 's/^.*started successfully on port \([0-9]*\).*$/\1/p' "$directory/said")
done
echo "ready $port $directory"
cat >/dev/null
# Browsers do not end with their driver, but what a browser has started ends with it. Nobody wants
# anything saved.
browsers=$(ps -o pid= --ppid "$driver") || browsers=
kill -KILL "$driver" $browsers 2>/dev/null || true
wait "$driver" 2>/dev/null || true
# Until the last of them has seen that, it may write.
while ps -A -o args= | grep -F -- "$directory" | grep -qv grep; do
  sleep 0.05
done
