#!/bin/bash
# scrim doctor: a machine that is as it should be; then each thing put wrong is told in its
# own row, with what to do, and an exit code. And with nothing running at all.
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${SCRIM_BIN:-$ROOT/build/${VARIANT:-release}/bin}
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/procs.sh"
command -v jq >/dev/null || { skip "the doctor" "jq is missing"; tap_done; exit; }

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-doctor.XXXXXX") || bail "no temporary folder"
end() {
	"$BIN/scrim" down --config "$W/scrim.json" >/dev/null 2>&1
	stop_all
	[ -n "${KEEP_WORLD:-}" ] || rm -rf "$W"
}
trap end EXIT
trap 'exit 130' INT TERM
export SCRIM_CONFIG=$W/scrim.json
scrim() { "$BIN/scrim" "$@" 2>>"$W/err"; }

free_port
cat >"$W/scrim.json" <<-END
	{ "tenant": "demo", "policy": "policy.json", "keyd": "unix:run/keyd.sock",
	  "store": "sqlite:run/scrim.db", "log": "run/log", "threads": 1,
	  "listen": [{ "address": "127.0.0.1:$PORT", "tls": { "cert": "keys/tls.crt", "key": "keys/tls.key" } }],
	  "principals": [],
	  "routes": [{ "name": "orders", "match": { "path": "/orders" }, "upstream": "http://127.0.0.1:9",
	    "purpose": "order_processing", "subject": "$.buyer",
	    "request": [{ "at": "$.phone", "class": "phone", "do": "seal" }] }] }
END
up() { scrim up --demo --detach --one-user >"$W/up" || { cat "$W/err" "$W/run/"*.log; bail "scrim up does not start"; }; }
down() { scrim down >/dev/null; }
doctor() { # WANTED: the exit code; the answer is in $W/said
	scrim doctor --json >"$W/said"
	[ $? = "$1" ]
}
row() { jq -r --arg c "$1" '.checks[] | select(.check == $c) | .result' "$W/said"; }
seen() { jq -r --arg c "$1" '.checks[] | select(.check == $c) | .seen' "$W/said"; }

up
OMS="--key $W/keys/order_system.key --purpose order_processing"
# shellcheck disable=SC2086
scrim seal $OMS --class phone --subject c1 07700900123 >/dev/null
ok "as it should be, nothing is bad" doctor 0
for r in configuration keyd.json policy "root key" keyd scrimd "keyd's log" people clock; do
	is "ok: $r" "$(row "$r")" ok
done
is "an epoch file without a twin is warned of" "$(row "epoch file")" warn
scrim doctor >"$W/text"
ok "as text it says what to do" grep -q 'epoch_twin' "$W/text"
is "and counts in its last line" "$(tail -1 "$W/text" | grep -c ' ok, .* bad')" 1

chmod 644 "$W/keys/keyd/root.json"
ok "a root key that others read is bad" doctor 1
is "in its row" "$(row "root key")" bad
chmod 600 "$W/keys/keyd/root.json"

cp "$W/policy.json" "$W/other.json"
echo >>"$W/other.json"
cp "$W/keyd.json" "$W/keyd.kept"
sed -i 's|"policy": *"[^"]*"|"policy": "other.json"|' "$W/keyd.json"
ok "two policies are bad" doctor 1
is "in their row" "$(row policy)" bad
cp "$W/keyd.kept" "$W/keyd.json"

sed -i 's|{|{ "nonsense": 1,|' "$W/keyd.json"
ok "a file that does not load is bad" doctor 1
is "in its row" "$(row keyd.json)" bad
ok "with the word that is wrong" grep -q nonsense "$W/said"
cp "$W/keyd.kept" "$W/keyd.json"

down
ok "with nothing running nothing is bad" doctor 0
is "keyd is skipped" "$(row keyd)" skipped
is "scrimd too" "$(row scrimd)" skipped
is "the logs are looked at all the same" "$(row "keyd's log")" ok

LOG=$(jq -r .log "$W/keyd.json")
cp "$W/$LOG/checkpoint" "$W/checkpoint"
sed -i 2s/.*/1/ "$W/$LOG/checkpoint"
ok "an older checkpoint is bad" doctor 1
is "in the log's row" "$(row "keyd's log")" bad
cp "$W/checkpoint" "$W/$LOG/checkpoint"
touch -d '+2 hours' "$W/$LOG/state"
ok "a clock behind the log is bad" doctor 1
is "in its row" "$(row clock)" bad
touch "$W/$LOG/state"
EPOCH=$(find "$W/run" -name keyd.epoch)
mv "$EPOCH" "$EPOCH.away"
ok "without its epoch file it is bad" doctor 1
is "in its row, with what to do" "$(row "epoch file") $(jq -r '.checks[] | select(.check == "epoch file") | .do' "$W/said" | grep -c restore)" "bad 1"
mv "$EPOCH.away" "$EPOCH"
ok "and well again" doctor 0
rm "$W/scrim.json"
ok "without a configuration it says so" doctor 1
is "in its row" "$(row configuration)" bad
tap_done
