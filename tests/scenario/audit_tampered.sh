#!/bin/bash
# Two logs that two daemons wrote, tampered with: one or both rolled back, forged with a key of the
# forger's, exchanged, without a key, cut. `audit verify` has the right word and exit code for each,
# with and without what the auditor keeps, and so has a verifier in Python, written from FORMATS.md.
# timeout: 400
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n '[]' | world_routes -
export SCRIM_CONFIG=$W/scrim.json
PY=$ROOT/tests/lib/verify_logs.py
if python3 -c 'import cryptography' 2>/dev/null; then PYTHON=1; else PYTHON=; fi

# Some openings, and a signature over each log.
live() {
	local i token
	for i in 1 2 3; do
		token=$(world_curl shop -d "{\"items\":[{\"class\":\"name\",\"value\":\"Ann Example $i\",\"subject\":\"c$i\"}]}" "$URL/v1/seal" | jq -r '.items[0].token')
		world_curl order_system -o /dev/null -H 'Scrim-Purpose: order_processing' -d "{\"items\":[{\"token\":\"$token\"}]}" "$URL/v1/reveal"
	done
	await 10 eval '"$BIN/scrim" audit show --json --kind head | grep -q scrim/demo/keyd'
}
world_up
live
ok "logs that are being written hold" eval 'await 10 logs_verified'
world_down
mkdir "$W/old" "$W/good"
cp -a "$W/run/log" "$W/old/gate" && cp -a "$W/run/keyd/log" "$W/old/keyd"
rm -f "$W/trust"
start_keyd
start_scrimd
await 20 ready
live
world_down
cp -a "$W/run/log" "$W/good/gate" && cp -a "$W/run/keyd/log" "$W/good/keyd"

G=$W/run/log K=$W/run/keyd/log
ok "an auditor keeps what there is" "$BIN/scrim" audit trust
cp "$W/trust" "$W/mine"
cp "$K/vkey" "$W/vkey"
put() { # FOLDER of the gateway's, FOLDER of keyd's
	rm -rf "$G" "$K"
	cp -a "$1" "$G"
	cp -a "$2" "$K"
	cp "$W/mine" "$W/trust"
}
good() { put "$W/good/gate" "$W/good/keyd"; }
SPECS=("scrimd=demo/scrimd=$G" "keyd=scrim/demo/keyd=$K")
declare -A CODE=([verified]=0 [unpinned]=5 [incomplete]=6 [broken]=7)
word() { # option...: the worst word, held against the exit code, and the other verifier's
	local code got
	"$BIN/scrim" audit verify --json "$@" >"$W/words" 2>/dev/null
	code=$?
	got=$(jq -r '[.[].word] | if any(. == "broken") then "broken" elif any(. == "incomplete") then "incomplete" elif any(. == "unpinned") then "unpinned" else "verified" end' "$W/words")
	[ "$code" = "${CODE[$got]}" ] || got="$got, and exits with $code"
	if [ -n "$PYTHON" ]; then
		local other
		case $1 in
		--vkey) other=$(python3 "$PY" word "${SPECS[@]}" --pin "$2" 2>&1) ;;
		*) other=$(python3 "$PY" word "${SPECS[@]}" $([ "$2" = "$W/none" ] || printf -- '--trust %s' "$2") 2>&1) ;;
		esac
		[ "$(head -1 <<<"$other")" = "$got" ] || got="$got, and python $other"
	fi
	echo "$got"
}
printf 'scrim.audit/trust@v1\n' >"$W/none"
# WHAT, and the words: by the key beside it, by a key from elsewhere, by the auditor's file
words() {
	cp "$W/mine" "$W/trust"
	is "$1" "$(word --trust "$W/none") $(word --vkey "$W/vkey" --trust "$W/none") $(word --trust "$W/trust")" "$2 $3 $4"
}
why() { jq -r --arg log "$1" '.[] | select(.log == $log) | .why' "$W/words"; }
[ -n "$PYTHON" ] || skip "the independent verifier agrees" "python3-cryptography is not here: NOTHING was compared"

words "as they are" unpinned verified verified

# ---- rolled back ------------------------------------------------------------------------------
put "$W/old/gate" "$W/good/keyd"
words "scrimd's log rolled back" broken broken broken
ok "keyd's log saw more of it" eval 'why scrimd | grep -q "it has .* entries, and you have seen"'
put "$W/good/gate" "$W/old/keyd"
words "keyd's log rolled back" broken broken broken
put "$W/old/gate" "$W/old/keyd"
words "both rolled back together" unpinned verified broken

# ---- forged -------------------------------------------------------------------------------------
forged() { # FROM TO ORIGIN TEXT: a log without entries that have TEXT, signed by the forger
	rm -rf "$2"
	python3 "$PY" forge "$1" "$W/entries" "$3" "$4" && "$TOOLS/log_writer" "$2" "$3" 7 <"$W/entries" >/dev/null
}
if [ -n "$PYTHON" ]; then
	forged "$W/good/gate" "$W/forged-gate" demo/scrimd '"kind":"reveal"' || bail "scrimd's log cannot be forged"
	forged "$W/good/keyd" "$W/forged-keyd" scrim/demo/keyd '"kind":"reveal"' || bail "keyd's log cannot be forged"
	put "$W/forged-gate" "$W/good/keyd"
	words "scrimd's log forged" broken broken broken
	put "$W/good/gate" "$W/forged-keyd"
	words "keyd's log forged" broken broken broken
	put "$W/forged-gate" "$W/forged-keyd"
	words "both forged" broken broken broken
	# a careful forger has no heads that do not fit; then none tells what was signed
	forged "$W/good/gate" "$W/forged-gate" demo/scrimd '"head"'
	forged "$W/good/keyd" "$W/forged-keyd" scrim/demo/keyd '"head"'
	put "$W/forged-gate" "$W/forged-keyd"
	words "both forged without any head, or opening" broken broken broken
	forged "$W/good/gate" "$W/forged-gate" demo/scrimd '"at"'
	rm -rf "$W/forged-keyd"
	printf '{"v":1,"at":5,"kind":"head","outcome":{"result":"ok"},"head":{"origin":"demo/scrimd","size":0,"root":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}\n' |
		"$TOOLS/log_writer" "$W/forged-keyd" scrim/demo/keyd 7 >/dev/null
	printf '{"v":1,"at":5,"kind":"start"}\n' | "$TOOLS/log_writer" "$W/forged-gate" demo/scrimd 7 >/dev/null
	root=$(sed -n 3p "$W/forged-gate/checkpoint" | base64 -d | od -An -v -tx1 | tr -d ' \n')
	printf '{"v":1,"at":5,"kind":"head","outcome":{"result":"ok"},"head":{"origin":"demo/scrimd","size":1,"root":"%s"}}\n' "$root" |
		"$TOOLS/log_writer" "$W/forged-keyd" scrim/demo/keyd 7 >/dev/null
	put "$W/forged-gate" "$W/forged-keyd"
	words "both made up, and what they tell of one another fits" unpinned broken broken
	ok "it is the key that tells" eval 'why keyd | grep -q "not the one that you trust"'
else
	skip "forged logs" "python3-cryptography is not here"
fi

# ---- exchanged, without a key, cut -----------------------------------------------------------------
put "$W/good/keyd" "$W/good/gate"
words "exchanged" broken broken broken
ok "which is said" eval 'why keyd | grep -q "were the logs exchanged"'
"$BIN/scrim" audit verify --trust "$W/trust" --log "$G" --keyd-log "$K" --json >"$W/words"
is "and noticed where folders alone are named" "$?" 7
ok "by what keyd's log does not say" eval 'why keyd | grep -q "names one of keyd.s"'
for one in "$G" "$K" "$G $K"; do
	good
	for d in $one; do rm "$d/vkey"; done
	words "without the key in ${one//$W\/run\//}" incomplete incomplete incomplete
	good
	for d in $one; do truncate -s -5 "$(find "$d/tile/entries" -type f | sort -V | tail -1)"; done
	words "cut: ${one//$W\/run\//}" broken broken broken
	good
	for d in $one; do rm "$d/checkpoint"; done
	words "without the checkpoint in ${one//$W\/run\//}" incomplete incomplete incomplete
	good
	for d in $one; do rm -rf "$d"; done
	words "without ${one//$W\/run\//}" incomplete incomplete incomplete
done

# ---- where keyd's log is not to be found ------------------------------------------------------------
good
mv "$W/keyd.json" "$W/elsewhere.json"
"$BIN/scrim" audit verify >"$W/out" 2>"$W/err"
is "without keyd.json keyd's log is missing, and not merely left out" "$? $(grep -c '^keyd *incomplete .*--keyd-log' "$W/out")" "6 1"
"$BIN/scrim" audit verify --keyd-log "$K" >"$W/out"
is "it can be named" "$?" 0
mv "$W/elsewhere.json" "$W/keyd.json"
"$BIN/scrim" audit verify --log "$G" --keyd-log "$K" >"$W/out"
is "so can both" "$?" 0

# ---- the auditor's file ---------------------------------------------------------------------------------
put "$W/old/gate" "$W/old/keyd"
"$BIN/scrim" audit trust >"$W/out" 2>"$W/err"
is "older logs are not taken for the newest" "$? $(cmp "$W/mine" "$W/trust" && grep -c 'nothing is trusted' "$W/err")" "7 1"
ok "unless that is what is asked for" "$BIN/scrim" audit trust --replace
no "and then the file says so" cmp -s "$W/mine" "$W/trust"
rm -rf "$G" "$K"
cp -a "$W/good/gate" "$G" && cp -a "$W/good/keyd" "$K"
ok "the newest extend them" "$BIN/scrim" audit verify
ok "and the file goes on with them" cmp "$W/mine" "$W/trust"
chmod 666 "$W/trust"
"$BIN/scrim" audit verify >"$W/out" 2>"$W/err"
is "a file that others may write is none" "$? $(grep -c 'may be written by others' "$W/err")" "1 1"
rm "$W/trust"
printf 'x\n' >"$W/trust"
"$BIN/scrim" audit verify >"$W/out" 2>"$W/err"
is "nor one of other words" "$? $(grep -c "trust:1:1: this is no file of .scrim audit trust" "$W/err")" "1 1"
"$BIN/scrim" audit verify --trust "$W/nowhere" >"$W/out" 2>"$W/err"
is "nor one that is not there" "$?" 1

tap_done
