# Makes a PostgreSQL cluster, says where its socket lies, and keeps it until standard input ends: that
# is a pipe whose other end dies with the test process, however that dies.
# The one argument is the directory of PostgreSQL's programs.
set -eu
umask 077
programs=$1
# In memory, where there is room: that makes a database in a tenth of the time.
place=${TMPDIR:-/tmp}
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }') || free=
[ "${free:-0}" -lt 1000000 ] || place=/dev/shm
directory=$(mktemp -d "$place/headwater-postgres.XXXXXX")
trap 'rm -rf "$directory"' EXIT
cd "$directory"

make() {
  "$programs/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --no-locale --no-sync
  # Everybody is let in, but members of this group only with their password: for a wrong one to be tried.
  { echo 'local all +by_password scram-sha-256'; cat data/pg_hba.conf; } >hba
  mv hba data/pg_hba.conf
  # Nothing here has to outlive the machine. The socket lies in the data directory, which is private.
  cat >>data/postgresql.conf <<'END'
listen_addresses = ''
unix_socket_directories = '.'
port = 5432
max_connections = 500
shared_buffers = 32MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 64MB
min_wal_size = 32MB
autovacuum = off
jit = off
END
  "$programs/pg_ctl" start --wait --pgdata=data --log=log
}

if ! make >made 2>&1 </dev/null; then
  cat made
  [ ! -e log ] || cat log
  exit 1
fi
echo "ready $directory/data"
cat >/dev/null
"$programs/pg_ctl" stop --wait --mode=immediate --pgdata=data >/dev/null 2>&1
