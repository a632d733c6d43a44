# postgres.sh - a PostgreSQL of our own, in a temporary folder, reached by its socket alone. Source
# it; the machine's own cluster is never touched.
#
#	postgres_there			is PostgreSQL installed?
#	postgres_up			starts it; $PGDIR is its folder, and $PGSOCKET that of its socket
#	postgres_down			stops it and removes the folder
#	sql USER ARGS...		psql as USER, bare rows

# whoever runs us may have a database of his own in mind
for v in $(compgen -e PG); do unset "$v"; done
PGBIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
PGDIR=

postgres_there() { [ -n "$PGBIN" ] && [ -x "$PGBIN/initdb" ] && [ -x "$PGBIN/postgres" ]; }

# initdb refuses root.
postgres_as() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=postgres --regid=postgres --clear-groups env -i PATH="$PATH" LC_ALL=C.UTF-8 "$@"
	else
		env -i PATH="$PATH" LC_ALL=C.UTF-8 "$@"
	fi
}

postgres_up() {
	# a short path: that of a socket ends at 107 bytes
	PGDIR=$(mktemp -d /tmp/scrim-pg.XXXXXX) || bail "no temporary folder"
	chmod 755 "$PGDIR"
	mkdir "$PGDIR/data" "$PGDIR/run"
	PGSOCKET=$PGDIR/run
	[ "$(id -u)" != 0 ] || chown postgres:postgres "$PGDIR/data" "$PGDIR/run"
	postgres_as "$PGBIN/initdb" --no-sync --locale=C.UTF-8 -E UTF8 --auth-local=trust --auth-host=reject -U owner \
		-D "$PGDIR/data" >"$PGDIR/initdb.log" 2>&1 || { tail -5 "$PGDIR/initdb.log"; bail "initdb failed"; }
	start postgres "$PGDIR/log" postgres_run
	await 20 sql owner -c 'select 1' >/dev/null 2>&1 || { tail -5 "$PGDIR/log"; bail "PostgreSQL does not start"; }
}

# In the foreground, as our child; exec, so that it is the process that is stopped.
postgres_run() {
	local options=(-D "$PGDIR/data" -c listen_addresses= -c "unix_socket_directories=$PGSOCKET" -c fsync=off
		-c logging_collector=off -c max_connections=20)
	if [ "$(id -u)" = 0 ]; then
		exec setpriv --reuid=postgres --regid=postgres --clear-groups env -i PATH="$PATH" LC_ALL=C.UTF-8 "$PGBIN/postgres" "${options[@]}"
	else
		exec env -i PATH="$PATH" LC_ALL=C.UTF-8 "$PGBIN/postgres" "${options[@]}"
	fi
}

postgres_down() {
	stop postgres INT
	[ -z "$PGDIR" ] || rm -rf "$PGDIR"
	PGDIR=
}

sql() { # USER psql's arguments
	local user=$1
	shift
	"$PGBIN/psql" -XqAt -v ON_ERROR_STOP=1 -h "$PGSOCKET" -U "$user" -d "${PGDATABASE_OF_TEST:-postgres}" "$@"
}
