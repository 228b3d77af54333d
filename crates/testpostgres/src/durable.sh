# Makes a PostgreSQL cluster that keeps what it was given, says where it lies, and throws it away when
# standard input ends. The arguments are the directory of PostgreSQL's programs and a port.
set -eu
umask 077
programs=$1
directory=$(mktemp -d "${TMPDIR:-/tmp}/headwater-postgres.XXXXXX")
trap 'rm -rf "$directory"' EXIT
cd "$directory"

make() {
  "$programs/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --no-locale --no-sync
  cat >>data/postgresql.conf <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = $2
max_connections = 200
shared_buffers = 128MB
fsync = on
synchronous_commit = on
full_page_writes = on
jit = off
END
  "$programs/pg_ctl" start --wait --pgdata=data --log=log
}

if ! make "$@" >made 2>&1 </dev/null; then
  cat made
  [ ! -e log ] || cat log
  exit 1
fi
echo "ready $directory/data"
cat >/dev/null
"$programs/pg_ctl" stop --wait --mode=immediate --pgdata=data >/dev/null 2>&1
