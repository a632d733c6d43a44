#!/bin/bash
# Keys when somebody kills, fills the disk, takes the wrong user or the wrong file: each ends in
# words that say what to do, and loses nothing.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n '[]' | world_routes -
world_up
J='Content-Type: application/json'
keys() { # COMMAND args...
	local what=$1
	shift
	timeout 60 "$BIN/scrim" keys "$what" --config "$W/scrim.json" "$@"
}
keyd() { timeout 60 "$BIN/scrim-keyd" --config "$W/keyd.json" --demo "$@"; }
seal() { # ITEM: prints its token
	world_curl order_system -H "$J" -d "{\"items\":[$1]}" "$URL/v1/seal" |
		jq -r '.items[0].token'
}
fares() { # TOKEN: ok, gone, unknown ...
	world_curl support_lead -H "$J" -H 'Scrim-Purpose: service' -H 'Scrim-Reason: call back' -d "{\"items\":[{\"token\":\"$1\"}]}" \
		"$URL/v1/reveal" | jq -r '.items[0].status'
}
up() { start_keyd && start_scrimd && await 20 ready && await 10 test "$(fares "$ann")" = ok; }
says() { # WORDS: what was said last has them
	grep -qi -- "$1" "$W/out" || { sed 's/^/# /' "$W/out"; return 1; }
}
refused() { # WORDS command...
	local words=$1
	shift
	"$@" >"$W/out" 2>&1 && { sed 's/^/# /' "$W/out"; return 1; }
	says "$words"
}
killed() { # SECONDS COMMAND args...: scrim keys, killed after that long
	local after=$1 what=$2
	shift 2
	"$BIN/scrim" keys "$what" --config "$W/scrim.json" "$@" >"$W/out" 2>&1 &
	local pid=$!
	sleep "$after"
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	return 0
}
ann=$(seal '{"class":"name","value":"Ann Example","subject":"ann"}')
old=$(seal '{"class":"phone","value":"07700900123"}')
mkdir "$W/backup"
keys backup "$W/backup" >"$W/out" 2>&1
is "there is a backup" "$?" 0

# ---- who may ----

chmod 755 "$W" "$W/run" "$W/run/keyd"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	mkdir -m 755 "$W/shut"
	cp "$BIN/scrim" "$W/keyd.json" "$W/principals.json" "$W/scrim.json" "$W/policy.json" "$W/shut/"
	chmod 755 "$W/shut"/*
	sed -i "s#\"run/keyd#\"$W/run/keyd#g" "$W/shut/keyd.json"
	other() { setpriv --reuid 65534 --regid 65534 --clear-groups timeout 20 "$W/shut/scrim" keys "$@" --keyd-config "$W/shut/keyd.json"; }
	for what in "rotate epoch" "destroy phone a --yes"; do
		# shellcheck disable=SC2086
		ok "another user's $what is refused" refused "only keyd's own user" other $what
	done
	chmod 666 "$W/run/keyd/operator.sock"
	ok "with the socket open to all keyd itself refuses" refused . other rotate epoch
	chmod 600 "$W/run/keyd/operator.sock"
	is "nothing was rotated" "$(keys status --json | jq .epoch.number)" 0
else
	skip "another user at the operators' socket" "this is not root, or there is no setpriv"
fi

# ---- room ----

limited() { (ulimit -f 8; trap '' XFSZ; keys backup "$W/backup" --full); } # of 1 KiB
ok "a backup that finds no room says so" refused "no room\|nothing of it counts" limited
is "and leaves nothing" "$(find "$W/backup" -type f | wc -l)" 1
is "keyd works on" "$(fares "$ann")" ok

# ---- killed ----

for after in 0.01 0.03 0.06 0.1; do killed $after backup "$W/backup" --full; done
before=$(find "$W/backup" -name 'keys-*' | wc -l)
keys backup "$W/backup" >"$W/out" 2>&1
is "after backups that were killed the next one is good" "$?" 0
is "and sweeps up what they left" "$(find "$W/backup" -type f | wc -l)" $((before + 1))
for after in 0.02 0.05 0.1; do
	killed $after rotate classes
	stop keyd KILL
	start_keyd
	await 20 ready
done
await 10 test "$(fares "$old")" = ok
is "rotated while keyd was killed, the old value opens" "$(fares "$old")" ok
keys rotate classes >"$W/out" 2>&1
is "and a rotation goes to its end" "$?" 0
state() { keys status --json | jq -r '[.keys[] | select(.name == "phone" and .version == "a")][0].state'; }
for after in 0.005 0.02 0.05; do
	[ "$(state)" != destroyed ] || break
	(sleep $after; kill -KILL "${PROC_PID[keyd]}") 2>/dev/null &
	keys destroy phone a --yes >"$W/out" 2>&1
	wait $!
	stop keyd KILL
	start_keyd
	await 20 ready
done
[ "$(state)" = destroyed ] || keys destroy phone a --yes >"$W/out" 2>&1
is "a version is destroyed, whenever keyd was killed" "$(state)" destroyed
is "its value is gone" "$(fares "$old")" gone
is "nobody else's is" "$(fares "$ann")" ok
keys backup "$W/backup" --full >"$W/out" 2>&1
ok "all of it holds together" keys check >"$W/check" 2>&1

# ---- --init that is killed ----

N=$W/new
init_killed() { # killed as soon as FILE is there, or at its end
	rm -rf "$N"
	mkdir -p "$N/keys" "$N/run/keyd"
	cp "$W/keyd.json" "$W/principals.json" "$W/policy.json" "$N/"
	"$BIN/scrim-keyd" --config "$N/keyd.json" --demo --init >"$W/out" 2>&1 &
	local pid=$! i
	for i in $(seq 400); do
		[ ! -e "$N/$1" ] || break
		sleep 0.001
	done
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	return 0
}
again() { "$BIN/scrim-keyd" --config "$N/keyd.json" --demo --init >"$W/out" 2>&1; }
rm -f "$W/wrong"
for file in keys/root.json.new keys/root.json run/keyd/keyd.db run/keyd/keyd.db-wal run/keyd/keyd.epoch; do
	init_killed $file
	again && continue
	# between the epoch file and the row that is its store's
	says 'remove keyd.db\* and keyd.epoch' || echo "$file" >"$W/wrong"
	rm -f "$N"/run/keyd/keyd.db* "$N/run/keyd/keyd.epoch"
	again || echo "$file" >"$W/wrong"
done
no "--init that was killed goes on, or says what to do" test -s "$W/wrong"
rm -f "$W/wrong"
rm -rf "$N"
mkdir -p "$N/keys" "$N/run/keyd"
cp "$W/keyd.json" "$W/principals.json" "$W/policy.json" "$N/"
printf '{ "scrim_' >"$N/keys/root.json.new"
ok "what one left that was killed at its root key stops no later one" again
no "and is gone" test -e "$N/keys/root.json.new"

# ---- files that are half there ----

world_down
sum=$(cat "$W/run/keyd/keyd.db" "$W/run/keyd/keyd.epoch" "$W/keys/root.json" | sha256sum)
keyd --init >"$W/out" 2>&1
is "--init over what is there is no harm" "$?" 0
is "and changes nothing" "$(cat "$W/run/keyd/keyd.db" "$W/run/keyd/keyd.epoch" "$W/keys/root.json" | sha256sum)" "$sum"
ok "a restore over it is refused, and says what to do" refused 'already: .*move it away' keys restore "$W/backup"
is "it changes nothing either" "$(cat "$W/run/keyd/keyd.db" "$W/run/keyd/keyd.epoch" "$W/keys/root.json" | sha256sum)" "$sum"
mkdir "$W/away"
mv "$W"/run/keyd/keyd.* "$W/away/"
half=0
for after in 0.01 0.02 0.03 0.04 0.06 0.08 0.1; do
	killed $after restore "$W/backup"
	if [ -e "$W/run/keyd/keyd.db.restoring" ]; then
		half=$((half + 1))
		refused 'restore was begun' keyd || { echo half >"$W/wrong"; break; }
		refused 'was begun here .*remove' keys restore "$W/backup" || { echo again >"$W/wrong"; break; }
	fi
	rm -f "$W"/run/keyd/keyd.*
done
ok "a restore was killed in its middle" test "$half" -ge 1
no "keyd refuses what it left, and the next restore says what to do" test -e "$W/wrong"
keys restore "$W/backup" >"$W/out" 2>&1
is "after that it is restored" "$?" 0
up
is "everybody opens" "$(fares "$ann")" ok
is "what was destroyed stays so" "$(fares "$old")" gone

# ---- a log that was tampered with in its middle ----

for _ in $(seq 900); do
	printf 'url = "%s/v1/reveal"\nheader = "Authorization: Bearer %s"\nheader = "%s"\nheader = "Scrim-Purpose: service"\nheader = "Scrim-Reason: call back"\n' \
		"$URL" "$(cat "$W/keys/support_lead.key")" "$J"
	printf 'data = "{\\"items\\":[{\\"token\\":\\"%s\\"}]}"\ncacert = "%s"\noutput = "/dev/null"\nsilent\nnext\n' "$ann" "$W/keys/tls.crt"
done | sed '$d' >"$W/tmp/many"
curl -K "$W/tmp/many"
world_down
LOG=$W/run/keyd/log
ok "the log has bundles behind each other" test -e "$LOG/tile/entries/002" -a -e "$LOG/tile/0/002"
for tile in entries/001 0/001; do
	cp "$LOG/tile/$tile" "$W/tmp/tile"
	printf 'X' | dd of="$LOG/tile/$tile" bs=1 seek=3000 conv=notrunc status=none
	ok "a byte of $tile is another: the check says bad" refused '"part":"log","result":"bad"' keys check --json
	ok "and what to do" says 'put the newest copy'
	cp "$W/tmp/tile" "$LOG/tile/$tile"
done
rm "$LOG/tile/entries/001"
ok "one is missing: the check says bad" refused '"part":"log","result":"bad"' keys check --json
tap_done
