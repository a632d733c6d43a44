#!/bin/bash
# A release in the analysts' own database: what it holds, and that publishing the next one waits for
# no reader, fails no reader, and ends in the same state wherever it was broken off.
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/postgres.sh"

if ! postgres_there; then
	if [ -n "${SCRIM_CI:-}" ]; then
		ok "PostgreSQL is installed" false
	else
		skip "a release in a database" "PostgreSQL is not installed (apt-get install postgresql)"
	fi
	tap_done
	exit
fi
world_new
trap 'postgres_down; world_end' EXIT
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
jq '.views = { drafts: "drafts", published: "views" }' "$W/scrim.json" >"$W/tmp/c" && mv "$W/tmp/c" "$W/scrim.json"
world_up
export SCRIM_CONFIG=$W/scrim.json
postgres_up
sql owner -c 'create role loader login' -c 'create role analyst login' -c 'create database analytics owner loader' >/dev/null
PGDATABASE_OF_TEST=analytics
TO="postgresql://loader@/analytics?host=$PGSOCKET"

make_release() { "$TOOLS/shelf_maker" "$W/drafts" portrait "$@"; }
# load WANTED-CODE args...: publishes and loads
load() {
	local want=$1 rc
	shift
	timeout 60 "$BIN/scrim" views publish --key "$W/keys/privacy_officer.key" --purpose audit --to "${DATABASE:-$TO}" "$@" >"$W/out" 2>"$W/err" </dev/null
	rc=$?
	[ $rc = "$want" ] || { echo "# exit code $rc, wanted $want"; sed 's/^/# /' "$W/err"; return 1; }
}
says() { grep -q -- "$1" "$W/err" || { sed 's/^/# /' "$W/err"; return 1; }; }
ask() { sql loader -c "$1"; }

# ---- loaded ---------------------------------------------------------------------------------
sha1=$(make_release 1 40)
ok "a release is published and loaded" load 0 portrait
ok "which is told" grep -q "^loaded into the database: release 1" "$W/out"
is "what is there" "$(ask "select string_agg(schemaname || '.' || tablename, ' ' order by tablename) from pg_tables where schemaname !~ '^pg_|information'")" \
	'current.dictionary current.people current.regions'
is "the schema says which release it is" "$(ask "select obj_description('current'::regnamespace)")" "scrim release portrait 1 sha256 $sha1"
is "all rows" "$(ask 'select count(*), sum(orders), min(orders), count(distinct region) from current.people')" '40|75|-1|4'
is "as they were" "$(ask "select count(*) from current.people where region = E'S\\tout\\\\h\\n'") $(ask "select count(*) from current.people where region = '北'") $(ask "select count(*) from current.people where region = ''")" '12 8 8'
is "in their order" "$(ask 'select string_agg(age, $$,$$) from (select age from current.people limit 5) p')" '20-29,30-39,40-49,*,20-29'
is "with types that say no NULL" "$(ask "select string_agg(attname || ' ' || atttypid::regtype || ' ' || attnotnull, ', ' order by attnum) from pg_attribute where attrelid = 'current.people'::regclass and attnum > 0")" \
	'age text true, region text true, orders bigint true'
is "a cube's cells have a key" "$(ask "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'current.regions'::regclass")" 'PRIMARY KEY (region)'
is "people have none" "$(ask "select count(*) from pg_constraint where conrelid = 'current.people'::regclass")" 0
is "the dictionary is there as a table" "$(ask "select count(*) from current.dictionary")" 6
is "and as comments" "$(ask "select obj_description('current.people'::regclass) || ' / ' || col_description('current.people'::regclass, 1)")" \
	'A row is a person. / Age, in ranges. [years]
年龄'
is "quotes and backslashes too" "$(ask "select col_description('current.regions'::regclass, 1)")" 'A region, a "part" of it\or both.'
is "it was analysed" "$(ask "select reltuples from pg_class where oid = 'current.people'::regclass")" 40
ok "asked again" load 0 portrait
ok "it is there already" grep -q "^was already in the database: release 1" "$W/out"
ok "in JSON too" load 0 --json portrait
is "with what became of the database" "$(jq -r '.database + " " + (.number | tostring)' "$W/out")" 'was loaded 1'

# ---- the next one, beside readers -----------------------------------------------------------
ask 'grant usage on schema current to analyst; grant select on all tables in schema current to analyst'
is "an analyst reads what he was let" "$(sql analyst -c 'select count(*) from current.people')" 40
mkfifo "$W/tmp/in"
start reader "$W/log/reader" bash -c 'exec "$@" <"$0"' "$W/tmp/in" "$PGBIN/psql" -XqAt -h "$PGSOCKET" -U analyst -d analytics
exec 8>"$W/tmp/in"
said() { [ "$(tail -1 "$W/log/reader")" = "$1" ]; }
echo "begin; declare c cursor for select count(*) from current.people; select 'open ' || count(*) from current.people;" >&8
await 10 said 'open 40'
sha2=$(make_release 2 80 --previous "$sha1")
ok "with a reader in the middle of a transaction the next release is loaded" load 0 portrait
is "who asks anew reads the next" "$(sql analyst -c 'select count(*) from current.people')" 80
echo "fetch c;" >&8
ok "what the reader had begun to read is the release that it was" await 10 said 40
echo "commit; select 'then ' || count(*) from current.people;" >&8
ok "and its next transaction reads the next one" await 10 said 'then 80'
echo "begin isolation level repeatable read; select 'before ' || count(*) from pg_catalog.pg_class where false;" >&8
await 10 said 'before 0'
sha3=$(make_release 3 120 --previous "$sha2")
ok "a reader with an older snapshot" load 0 portrait
ok "sees the release that its name leads to, whole" eval 'echo "select count(*) from current.people; commit;" >&8; await 10 said 120'
echo "prepare p as select 'prepared ' || count(*) from current.people; execute p;" >&8
await 10 said 'prepared 120'
is "the one before has its number" "$(ask "select obj_description('r1'::regnamespace)") $(ask 'select count(*) from r1.people')" "scrim release portrait 1 sha256 $sha1 40"

# ---- broken off ---------------------------------------------------------------------------------
sha4=$(make_release 4 400000 --previous "$sha3")
start loader "$W/log/loader" "$BIN/scrim" views publish --key "$W/keys/privacy_officer.key" --purpose audit --to "$TO" portrait
copies() { [ "$(sql owner -c 'select count(*) from pg_stat_progress_copy')" = 1 ]; }
if await 20 copies; then
	stop loader KILL
	await 10 eval '! copies'
	is "killed in the middle of its rows, it leaves nothing" "$(ask "select count(*) from pg_namespace where nspname = 'next'")" 0
	is "and the release before is read" "$(sql analyst -c 'select count(*) from current.people')" 120
else
	skip "a loader killed in the middle" "it was faster than we could look"
fi
ask 'create schema next; create table next.people (x int); comment on schema next is $$scrim release portrait 4 sha256 00$$'
ok "what another left half made is made anew" load 0 portrait
ok "which prepared statements follow" eval 'echo "execute p;" >&8; await 10 said "prepared 400000"'
is "and is whole" "$(ask 'select count(*) from current.people') $(ask "select obj_description('current'::regnamespace)")" "400000 scrim release portrait 4 sha256 $sha4"
sha5=$(make_release 5 200 --previous "$sha4")
ask 'create schema next; create table next.people (x int); comment on schema next is $$somebody else$$'
ok "a schema \"next\" that is not ours" load 1 portrait
ok "is left alone" says 'not ours'
is "with what is in it" "$(ask "select count(*) from pg_tables where schemaname = 'next'")" 1
ask 'drop schema next cascade' 2>/dev/null
rm -f "$W/views/portrait/5/receipt"
ok "a release without its receipt" load 1 portrait
ok "is not loaded" says "no receipt"
is "and nothing is begun" "$(ask "select count(*) from pg_namespace where nspname = 'next'")" 0
rm -rf "$W/views/portrait/5"
ok "published it is" load 0 portrait
is "the last one" "$(sql analyst -c 'select count(*) from current.people')" 200
ok "an older one" load 1 portrait 4
ok "is not put before it" says "has release 5 of portrait already"

# ---- another's database ----------------------------------------------------------------------------
sql owner -c 'create database other owner loader' >/dev/null
PGDATABASE_OF_TEST=other
ask 'create schema current'
DATABASE=${TO/analytics/other} ok "a schema \"current\" that is not ours refuses" load 1 portrait
ok "with the reason" says "a database of its own"
DATABASE="postgresql://loader@/none?host=$PGSOCKET" ok "a database that is not there is unreachable" load 3 portrait
DATABASE="mysql://x" ok "another kind is wrong usage" load 2 portrait
exec 8>&-
tap_done
