#!/bin/bash
# One machine, from an empty folder to an audited reveal, with the command line
# alone: up, seal, reveal, rewrite, erase, audit, down.
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${SCRIM_BIN:-$ROOT/build/${VARIANT:-release}/bin}
. "$ROOT/tests/lib/tap.sh"
. "$ROOT/tests/lib/procs.sh"

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-up.XXXXXX") || bail "no temporary folder"
end() {
	"$BIN/scrim" down --config "$W/scrim.json" >/dev/null 2>&1
	stop_all
	[ -n "${KEEP_WORLD:-}" ] || rm -rf "$W"
}
trap end EXIT
trap 'exit 130' INT TERM
export SCRIM_CONFIG=$W/scrim.json
scrim() { "$BIN/scrim" "$@" 2>>"$W/err"; }
pid_of() { cut -d' ' -f1 "$W/run/$1.pid"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
code() { # WANTED args...: the exit code of scrim
	local want=$1
	shift
	scrim "$@" >/dev/null </dev/null
	[ $? = "$want" ]
}

free_port
cat >"$W/scrim.json" <<-END
	// written by hand: the principals are left to --demo
	{ "tenant": "demo", "policy": "policy.json", "keyd": "unix:run/keyd.sock",
	  "store": "sqlite:run/scrim.db", "log": "run/log", "threads": 1,
	  "listen": [{ "address": "127.0.0.1:$PORT", "tls": { "cert": "keys/tls.crt", "key": "keys/tls.key" } }],
	  "principals": [],
	  "routes": [{ "name": "orders", "match": { "path": "/orders" }, "upstream": "http://127.0.0.1:9",
	    "purpose": "order_processing", "subject": "$.buyer",
	    "request": [{ "at": "$.phone", "class": "phone", "do": "seal" }] }] }
END
OMS="--key $W/keys/order_system.key --purpose order_processing"
SUPPORT="--key $W/keys/support.key --purpose service --reason delivery --ticket 88"
OFFICER="--key $W/keys/privacy_officer.key --purpose audit --reason erasure --ticket 88"
PHONE=07700900123

scrim up --demo --detach --one-user >"$W/up" || { cat "$W/err" "$W/run/"*.log; bail "scrim up --demo does not start"; }
ok "up says where it is" grep -q "https://127.0.0.1:$PORT" "$W/up"
ok "the empty list of principals was filled, in a file of its own" grep -q '"role": "support"' "$W/principals.json"
ok "and the comment stayed" grep -q 'written by hand' "$W/scrim.json"
is "keys are their owner's only" "$(stat -c %a "$W/keys/support.key" "$W/keys/tls.key" "$W/keys/keyd/root.json" | sort -u)" 600
is "logs are their owner's only" "$(stat -c %a "$W/run/scrimd.log" "$W/run/scrim-keyd.log" | sort -u)" 600
ok "config check is content" code 0 config check
ok "a second up is refused" code 1 up
mkdir "$W/second"
sed "s|\"default.json\"|\"../policy.json\"|" "$W/scrim.json" >"$W/second/scrim.json"
cp "$W/principals.json" "$W/second/"
ok "nor does another one share its address" code 1 up --demo --detach --one-user --config "$W/second/scrim.json"
ok "which is said" grep -q "cannot listen on 127.0.0.1:$PORT" "$W/err"
ok "keyd tells its status" scrim keys status --json

# shellcheck disable=SC2086
TOKEN=$(scrim seal $OMS --class phone --subject c1 $PHONE)
ok "a value becomes a token" test "${TOKEN#sct1-}" != "$TOKEN"
# shellcheck disable=SC2086
is "the same value of the same person, the same token" "$(scrim seal $OMS --class phone --subject c1 $PHONE)" "$TOKEN"
# shellcheck disable=SC2086
SEEN=$(scrim reveal $SUPPORT "$TOKEN")
ok "support sees a part of it" test -n "$SEEN" -a "$SEEN" != $PHONE
printf 'nobody-knows-this-key\n' >"$W/keys/none.key"
ok "and gets exit code 4" code 4 reveal --key "$W/keys/none.key" --purpose service "$TOKEN"
ok "marketing is refused by policy" code 4 reveal --key "$W/keys/marketing.key" --purpose campaign --reason x "$TOKEN"
# shellcheck disable=SC2086
is "lines in, lines out" "$(printf '%s\n' $PHONE 07700900124 | scrim mask $OMS --class phone | wc -l)" 2

printf '{"buyer":"c2","phone":"%s"}\n{"buyer":"c2","phone":"07700900125"}\n{bad\n' $PHONE >"$W/in"
# shellcheck disable=SC2086
scrim rewrite $OMS --route orders --hits "$W/hits" --name f <"$W/in" >"$W/out"
is "a line that is no JSON gives exit code 1" $? 1
is "three lines came back" "$(wc -l <"$W/out")" 3
is "and three lines of hits" "$(wc -l <"$W/hits")" 3
ok "the hit is where the phone is" grep -q '^{"f":"f","l":1,"hits":\[{"t":"phone","r":\[[0-9]*,[0-9]*\]}\]}$' "$W/hits"
no "no phone is left in the output" grep -q 077009001 "$W/out"

# shellcheck disable=SC2086
ok "a person is erased" code 0 keys erase-subject $OFFICER c1
# shellcheck disable=SC2086
ok "and their token opens no more" code 1 reveal $SUPPORT "$TOKEN"
sleep 1.5
ok "both logs hold, by the key that lies beside them" code 5 audit verify
ok "an auditor keeps their keys" code 0 audit trust --trust "$W/mine/trust"
ok "and then they verify" code 0 audit verify --trust "$W/mine/trust"
ok "keyd's log has the reveal" bash -c "'$BIN/scrim' audit show --keyd --kind reveal --json | grep -q support"
ok "the logs agree on the openings" scrim audit reconcile --grace-ms 0
ok "stats count them" scrim audit stats --keyd
no "no phone stands in anything that was written" grep -rq "$PHONE" "$W/run" "$W/err"

# When one daemon dies the other is stopped, and nothing stays behind.
KEYD=$(pid_of scrim-keyd) SCRIMD=$(pid_of scrimd)
kill -KILL "$SCRIMD"
ok "scrimd killed: keyd is stopped" await 20 gone "$KEYD"
await 5 test ! -e "$W/run/scrim-up.pid"
ok "and there is nothing left to stop" code 1 down
echo $$ >"$W/run/scrim-up.pid"
ok "a pid in a file that nobody holds is not signalled" code 1 down
ok "the supervisor's log says so" grep -q "scrimd ended (signal 9)" "$W/run/scrim-up.log"

ok "it starts again with what is there" scrim up --detach --demo --one-user
KEYD=$(pid_of scrim-keyd) SCRIMD=$(pid_of scrimd)
ok "down stops it" code 0 down
ok "scrimd is gone" gone "$SCRIMD"
ok "keyd is gone" gone "$KEYD"
ok "what is down cannot be reached" code 3 keys status

# Into an empty folder comes the shipped example, with keys of its own. Its port
# is fixed and may be taken: whether it starts is not asked.
mkdir "$W/new"
scrim up --demo --detach --one-user --config "$W/new/scrim.json" >/dev/null
scrim down --config "$W/new/scrim.json" >/dev/null
ok "an empty folder gets a configuration that holds" code 0 config check "$W/new/scrim.json"
is "with a principal for each role: a key each, and telephony its socket" "$(grep -c '"role": "[a-z_]*",$' "$W/new/principals.json")" \
	"$(($(find "$W/new/keys" -name '*.key' ! -name tls.key | wc -l) + $(grep -c '"socket": true' "$W/new/principals.json")))"
is "which needs no key" "$(ls "$W/new/keys" | grep -c telephony) $(grep -A1 '"role": "telephony"' "$W/new/principals.json" | grep -c '"socket": true')" "0 1"
no "and none of the keys that everyone knows" grep -q b00a2b4496f0fc68 "$W/new/principals.json"
tap_done
