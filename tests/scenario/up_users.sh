#!/bin/bash
# `scrim up` as root: keyd and scrimd are users of their own, without groups, capabilities or a way
# back, and neither reads what is the other's; what is not so is refused, in words.
# timeout: 240
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${SCRIM_BIN:-$ROOT/build/${VARIANT:-release}/bin}
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/procs.sh"

if [ "$(id -u)" != 0 ] || ! setpriv --reuid 61003 --regid 61003 --clear-groups true 2>/dev/null; then
	skip "two users by scrim up" "only root can be two others here"
	tap_done
	exit
fi

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-users.XXXXXX") || bail "no temporary folder"
end() {
	"$BIN/scrim" down --config "$W/scrim.json" >/dev/null 2>&1
	stop_all
	[ -n "${KEEP_WORLD:-}" ] || rm -rf "$W"
}
trap end EXIT
trap 'exit 130' INT TERM
export SCRIM_CONFIG=$W/scrim.json
scrim() { "$BIN/scrim" "$@" 2>>"$W/err"; }
pid_of() { cat "$W/run/$1.pid"; }
status() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$(pid_of "$1")/status" | tr '\t' ' ' | sed 's/ *$//'; }
as() { # USER command...
	setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"
}
refused() { # WORDS args...: up does not start, and says so
	local words=$1
	shift
	! scrim_said up --detach "$@" >"$W/out" && grep -qE -- "$words" "$W/said"
}
scrim_said() { "$BIN/scrim" "$@" 2>"$W/said"; }

free_port
cat >"$W/scrim.json" <<-END
	{ "tenant": "demo", "policy": "policy.json", "keyd": "unix:run/meet/keyd.sock",
	  "store": "sqlite:run/scrimd/scrim.db", "log": "run/scrimd/log", "threads": 1,
	  "listen": [{ "address": "127.0.0.1:$PORT", "tls": { "cert": "keys/tls.crt", "key": "keys/tls.key" } }],
	  "principals": [],
	  "collect": { "words": "words.json", "feed": "unix:run/viewd/feed.sock", "store": "sqlite:run/scrimd/collect.db",
	    "spool": "run/scrimd/spool", "purpose": "analytics", "role": "collector", "operators": ["operator"],
	    "sites": [{ "name": "web", "write_key": "wk_users", "origins": ["https://shop.example"], "events": "*", "per_minute": 100, "zone": "UTC" }] },
	  "routes": [{ "name": "orders", "match": { "path": "/orders" }, "upstream": "http://127.0.0.1:9",
	    "purpose": "order_processing", "subject": "$.buyer",
	    "request": [{ "at": "$.phone", "class": "phone", "do": "seal" }] }] }
END
OMS="--key $W/keys/order_system.key --purpose order_processing"
SUPPORT="--key $W/keys/support.key --purpose service --reason delivery --ticket 88"
# root has groups, too, which are nobody else's
up() { setpriv --groups 4,24 "$BIN/scrim" up --demo --detach >"$W/up" 2>>"$W/err"; }

up || { cat "$W/err" "$W/run/"*.log; bail "scrim up as root does not start"; }
KEYD=$(status scrim-keyd Uid | cut -d' ' -f1) SCRIMD=$(status scrimd Uid | cut -d' ' -f1)
ok "it says who runs what" eval 'grep -q "^keyd runs as user $KEYD" "$W/up" && grep -q "run as user $SCRIMD" "$W/up"'
ok "three users: root's supervisor, keyd's and scrimd's" eval '[ "$(printf "%s\n" 0 "$KEYD" "$SCRIMD" | sort -u | wc -l)" = 3 ]'
is "viewd has scrimd's" "$(status scrim-viewd Uid | cut -d' ' -f1)" "$SCRIMD"
for one in scrim-keyd scrimd scrim-viewd; do
	is "$one: one user, really, effectively, saved and for files" "$(status $one Uid | tr ' ' '\n' | sort -u | wc -l)" 1
	is "$one: its groups" "$(status $one Gid | tr ' ' '\n' | sort -u | wc -l) $(status $one Groups)" "1 "
	is "$one: no capability, none to be had" \
		"$(status $one 'Cap[A-Z][a-z]*' | sort -u)" 0000000000000000
	is "$one: and no way to one" "$(status $one NoNewPrivs)" 1
done

no "nobody was turned away while it started" grep -hE 'peer_refused|feed.refused' "$W/run/scrim-keyd.log" "$W/run/scrim-viewd.log"

# shellcheck disable=SC2086
TOKEN=$(scrim seal $OMS --class phone --subject c1 07700900123)
ok "a value becomes a token" test "${TOKEN#sct1-}" != "$TOKEN"
# shellcheck disable=SC2086
SEEN=$(scrim reveal $SUPPORT "$TOKEN")
ok "and support sees a part of it" eval '[ -n "$SEEN" ] && [ "$SEEN" != 07700900123 ]'
sleep 1.5

# ---- who reads what -------------------------------------------------------------------------

reads() { # USER: which regular files below $W it reads. Listed by root, who knows the names
	find "$W" -type f -print0 | as "$1" xargs -0 sh -c 'for f; do if head -c 1 -- "$f" >/dev/null 2>&1; then echo "${f#"$0"/}"; fi; done' "$W" 2>/dev/null
}
reads "$KEYD" >"$W.keyd" && reads "$SCRIMD" >"$W.scrimd" && reads 61003 >"$W.nobody"
ok "keyd reads its root key, store and log" eval 'grep -qx keys/keyd/root.json "$W.keyd" && grep -qx run/keyd/keyd.db "$W.keyd" && grep -q "^run/keyd/log/" "$W.keyd"'
is "scrimd its TLS key, store and log" "$(grep -oE '^(keys/tls.key|run/scrimd/(collect.db$|log))' "$W.scrimd" | sort -u | wc -l)" 3
ok "and its spool" as "$SCRIMD" ls "$W/run/scrimd/spool" >/dev/null
no "which keyd's user does not" as "$KEYD" ls "$W/run/scrimd/spool" 2>/dev/null
no "scrimd's user reads no key, store or log of keyd's" grep -E '^(keys/keyd|run/keyd|run/scrim-)' "$W.scrimd"
no "nor keyd's user one of scrimd's" grep -E '^(keys/tls.key|run/scrimd|run/viewd|run/scrim)' "$W.keyd"
no "neither a caller's key" grep -hE '^keys/.*\.(key|sign)$' <(grep -v tls.key "$W.scrimd") "$W.keyd"
no "and nobody else any of it" grep -E '^(keys/.*\.(key|sign|json)|run/)' "$W.nobody"
rm -f "$W.keyd" "$W.scrimd" "$W.nobody"
for d in . keys run; do
	no "whoever is keyd puts nothing into $d" as "$KEYD" touch "$W/$d/x" 2>/dev/null
	no "nor scrimd" as "$SCRIMD" touch "$W/$d/x" 2>/dev/null
done
no "nor does one signal the other" as "$SCRIMD" kill -STOP "$(pid_of scrim-keyd)" 2>/dev/null
no "operators' socket: not scrimd's user" as "$SCRIMD" "$BIN/scrim" keys rotate epoch 2>/dev/null

# ---- an auditor of a group ------------------------------------------------------------------

auditor() { setpriv --reuid 61004 --regid 61004 --groups 61005 "$@"; }
LOGS=(--log "$W/run/scrimd/log" --keyd-log "$W/run/keyd/log")
all_read() { # KIND: of the logs, and what scrimd keeps of heads, the auditor reads all; and has files to read
	local kind=$1 all
	all=$(find "$W/run/scrimd/log" "$W/run/keyd/log" "$W"/run/scrimd/heads -type "$kind" 2>/dev/null)
	[ -n "$all" ] && ! auditor xargs -d '\n' sh -c 'for f; do [ -r "$f" ] || [ ! -e "$f" ] || echo "$f"; done' x <<<"$all" | grep .
}
no "an auditor reads no log before somebody says so" auditor "$BIN/scrim" audit verify "${LOGS[@]}" 2>/dev/null
ok "no group: no" eval '! scrim_said audit readers nobody-at-all && grep -q "there is no group nobody-at-all" "$W/said"'
ok "root says which group reads the logs" scrim audit readers 61005 >"$W/out"
is "both, and what is kept of their heads" "$(grep -cE '/(run/scrimd/log|run/keyd/log)$' "$W/out")" 2
# shellcheck disable=SC2086
scrim reveal $SUPPORT "$TOKEN" >/dev/null
await 10 eval 'scrim audit verify --trust "$W/trust0" >/dev/null || [ $? = 5 ]'
ok "the auditor reads every folder" all_read d
ok "and every file, of before and after" all_read f
ok "and judges them, by nobody's leave" eval 'await 10 eval "auditor \"$BIN/scrim\" audit verify ${LOGS[*]} >\"$W/out\" 2>&1; [ \$? = 5 ]"'
ok "shows them" eval 'auditor "$BIN/scrim" audit show --log "$W/run/keyd/log" | grep -q reveal'
auditor find "$W/run" "$W/keys" -type f -readable 2>/dev/null | grep -vE '/run/(scrimd/(log|heads)|keyd/log)/' >"$W.auditor"
is "and reads nothing else of theirs" "$(grep -E '/run/(keyd|scrimd|viewd)|/keys/.*\.(key|sign|json)$' "$W.auditor")" ""
no "nor writes" auditor touch "$W/run/keyd/log/x" "$W/run/scrimd/log/checkpoint" 2>/dev/null
is "without the group nobody reads them" "$(as 61004 find "$W/run/scrimd/log" "$W/run/keyd/log" -type f -readable 2>/dev/null)" ""
rm -f "$W.auditor"

# ---- and all goes on --------------------------------------------------------------------------

ok "root asks keyd" eval 'scrim keys status | grep -q "^uptime_s"'
ok "and operates it" scrim keys rotate epoch >/dev/null
ok "checks what keyd keeps, as keyd's user" scrim keys check >/dev/null
mkdir "$W/backup"
ok "takes a backup into an empty folder" scrim keys backup "$W/backup" >/dev/null
is "which is keyd's then, with all in it" "$(stat -c %u "$W/backup" "$W/backup/"* | sort -u)" "$KEYD"
ok "tries it" scrim keys drill "$W/backup" >/dev/null
ok "reads both logs" eval 'scrim audit show >/dev/null && scrim audit show --keyd >/dev/null'
ok "which hold" eval 'scrim audit trust --trust "$W/trust" >/dev/null && scrim audit verify --trust "$W/trust" >/dev/null'
ok "and nothing is bad" eval 'scrim doctor >"$W/doctor"; grep -qE " 0 bad" "$W/doctor" && ! grep -q "does not answer" "$W/doctor"'
kill -HUP "$(pid_of scrim-up)"
ok "a reload reaches both" await 10 eval 'grep -q reload "$W/run/scrimd.log" && grep -q keyd.policy_loaded "$W/run/scrim-keyd.log"'
PIDS="$(pid_of scrim-keyd) $(pid_of scrimd) $(pid_of scrim-viewd)"
ok "down ends it" scrim down
# shellcheck disable=SC2086
no "all of it" kill -0 $PIDS 2>/dev/null
ok "a second start works" up
ok "the auditors' group has the logs still" eval 'all_read d && all_read f'
# shellcheck disable=SC2086
is "and opens what was sealed" "$(scrim reveal $SUPPORT "$TOKEN")" "$SEEN"
PIDS="$(pid_of scrim-keyd) $(pid_of scrimd)"
kill -KILL "$(pid_of scrim-up)"
# shellcheck disable=SC2086
ok "daemons end with their supervisor" await 20 eval "! kill -0 $PIDS 2>/dev/null"

# ---- what is not as it should be -----------------------------------------------------------------

chown 61003 "$W/run/keyd"
ok "a folder of somebody else's is refused, and said whose" refused "run/keyd.* belongs to user 61003, and keyd runs as $KEYD.*chown -R $KEYD:"
is "and stays theirs" "$(stat -c %u "$W/run/keyd")" 61003
chown "$KEYD" "$W/run/keyd"
mkdir "$W/elsewhere" && mv "$W/run/scrimd/spool" "$W/spool" && ln -s "$W/elsewhere" "$W/run/scrimd/spool"
ok "a link in a folder's place is refused" refused 'spool.* is a symbolic link'
is "and what it leads to stays root's" "$(stat -c %u "$W/elsewhere")" 0
rm "$W/run/scrimd/spool" && mv "$W/spool" "$W/run/scrimd/spool"
echo secret >"$W/secret" && ln "$W/secret" "$W/run/keyd/second"
ok "a file that is elsewhere too is refused" refused 'second has another name elsewhere'
is "and stays root's" "$(stat -c %u "$W/secret")" 0
rm "$W/run/keyd/second"
cp "$W/keyd.json" "$W/keyd.was"
jq '.gateways[0].uid = 0' "$W/keyd.was" >"$W/keyd.json"
ok "a keyd that knows another gateway is told of" refused "knows gateway scrimd as user 0, and scrimd runs as $SCRIMD"
jq '.store = "run/scrimd/keyd.db"' "$W/keyd.was" >"$W/keyd.json"
ok "one folder for both is refused" refused "in a folder of .*'s and is .*'s: whoever is one would have the other's"
jq '.socket = "run/keyd.sock"' "$W/keyd.was" >"$W/keyd.json"
ok "and the supervisor's own for either" refused "keeps files of root's there"
cp "$W/keyd.was" "$W/keyd.json"
chmod 700 "$W"
ok "a configuration that they cannot reach is told of" refused "cannot be read by user $KEYD"
chmod 711 "$W"
touch "$W/run/keyd/log/left" "$W/run/keyd/left"
ok "with all of that put right it starts" up
is "and what root left there is keyd's" "$(stat -c %u "$W/run/keyd/log/left" "$W/run/keyd/left" | sort -u)" "$KEYD"
ok "it ends" scrim down

# ---- as root, all of it ------------------------------------------------------------------------------

jq '.gateways[0].uid = 0' "$W/keyd.was" >"$W/keyd.json"
chown -R 0:0 "$W/run" "$W/keys"
ok "as one user it starts where that is said" scrim_said up --one-user --demo --detach
ok "and says what that means" grep -q "all daemons run as root" "$W/said"
is "which it does" "$(status scrim-keyd Uid | cut -d' ' -f1) $(status scrimd Uid | cut -d' ' -f1)" "0 0"
scrim down
cp "$W/keyd.was" "$W/keyd.json"
ok "and from there to two users, without a word of anybody's" up
is "with all that was there" "$(find "$W/run/keyd" "$W/keys/keyd" ! -uid "$KEYD" | wc -l) $(find "$W/run/scrimd" ! -uid "$SCRIMD" | wc -l)" "0 0"
# shellcheck disable=SC2086
is "opened as before" "$(scrim reveal $SUPPORT "$TOKEN")" "$SEEN"
tap_done
