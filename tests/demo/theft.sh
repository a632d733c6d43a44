# theft.sh - the demo's thief: takes the disk of one side, then of the other, then
# of both, starts Scrim on what was taken, and hands every token that was found to
# it, with a policy of the thief's own that shows everything to everybody.
#
# What opens is counted, not searched for. With both disks the tokens do open:
# that is what shows that the other two counts mean something.

N_TOKENS=0 KEY_TOKENS=- KEY_VALUES=-

take() { # TO FILE...: copies of what stands in the demo's folder
	local to=$1 f
	shift
	for f in "$@"; do
		mkdir -p "$to/$(dirname "$f")"
		cp -r "$D/$f" "$to/$f" || return 1
	done
}
gateway_disk() { # TO: all that scrimd and the order system behind it have
	take "$1" scrim.json policy.json keys/tls.crt keys/tls.key behind/orders.ndjson run/scrimd/log &&
		for f in "$D"/run/scrimd/scrim.db*; do [ ! -e "$f" ] || take "$1" "run/scrimd/${f##*/}"; done
}
key_disk() { take "$1" keyd.json policy.json keys/keyd/root.json run/keyd; } # TO

# The thief is let in by a key and a policy of his own, on both sides.
let_in() { # FOLDER PORT
	openssl rand -hex 24 | tr -d '\n' >"$1/thief.key"
	cp tests/demo/thief.json "$1/thief.json"
	local key
	key=$(sha256sum <"$1/thief.key" | cut -d' ' -f1)
	jq --arg key "$key" --arg at "127.0.0.1:$2" '.policy = "thief.json" | .routes = [] | del(.collect) |
		.listen = [ { address: $at, plain: true } ] |
		.principals = [ { name: "thief", role: "thief", api_key_sha256: $key } ]' "$1/scrim.json" >"$1/own.json" &&
		jq --arg key "$key" --argjson uid "$(id -u)" '.policy = "thief.json" | .gateways |= map(.uid = $uid | .asserts = [] | .people_per_day = {}) |
			.principals = [ { name: "thief", role: "thief", api_key_sha256: $key } ]' "$1/keyd.json" >"$1/own-keyd.json"
}

ask_all() { # FOLDER PORT: 2,000 tokens a request; an answer for each token, one a line, to FOLDER/answers
	local batch
	split -l 2000 "$1/tokens" "$1/batch."
	for batch in "$1"/batch.*; do
		jq -Rn '{ items: [ inputs | { token: . } ] }' "$batch" |
			curl -s --max-time 60 -H "Authorization: Bearer $(cat "$1/thief.key")" -H 'Scrim-Purpose: theft' \
				-H 'Content-Type: application/json' --data-binary @- "http://127.0.0.1:$2/v1/reveal" |
			jq -c '.items[]'
	done >"$1/answers" 2>"$1/answers.err"
}

open_all() { # NAME FOLDER
	free_port
	let_in "$2" "$PORT" || return 1
	grep -oE 'sct1-[0-9a-z]+' "$2/behind/orders.ndjson" >"$2/tokens"
	start "$1-keyd" "$2/keyd.err" "$BIN/scrim-keyd" --config "$2/own-keyd.json" --demo
	start "$1-scrimd" "$2/scrimd.err" "$BIN/scrimd" --config "$2/own.json"
	await 15 curl -sf -o /dev/null "http://127.0.0.1:$PORT/readyz" || surprise "$1: what was stolen does not start: $(tail -n 2 "$2"/*.err)"
	ask_all "$2" "$PORT"
	stop "$1-scrimd"
	stop "$1-keyd"
}

answers() { jq -r "select(.status == \"$2\") | .status" "$D/stolen/$1/answers" 2>/dev/null | wc -l; } # NAME STATUS
opened_of() { echo "$(thousands "$(answers "$1" ok)") of $(thousands "$N_TOKENS")"; } # NAME

steal() {
	local g=$D/stolen/gateway k=$D/stolen/keys b=$D/stolen/both
	mkdir -p "$g" "$k" "$b"
	gateway_disk "$g" && key_disk "$k" && gateway_disk "$b" && key_disk "$b" || give_up "the disks could not be copied"
	N_TOKENS=$(grep -oE 'sct1-[0-9a-z]+' "$g/behind/orders.ndjson" | wc -l)

	# The gateway's side alone: there is no key, so the thief makes a keyring.
	jq '{ tenant, policy, socket: "run/meet/keyd.sock", store: "run/keyd/keyd.db", log: "run/keyd/log", root: "keys/keyd/root.json",
		principals: [], gateways: [ { node: "scrimd", uid: $uid } ], demo: true }' --argjson uid "$(id -u)" "$g/scrim.json" >"$g/keyd.json"
	# no head of this log was ever signed by the keyring that is made now
	rm -rf "$g/run/scrimd/log"
	mkdir -p "$g/run/keyd"
	"$BIN/scrim-keyd" --config "$g/keyd.json" --demo --init >"$g/init.err" 2>&1 || surprise "the thief could not make a keyring"
	open_all gateway "$g"

	# The key service's side alone: there is nothing to open.
	KEY_TOKENS=$(grep -rahoE 'sct1-[0-9a-z]+' "$k" | wc -l)
	KEY_VALUES=$(grep -rahoF -f "$D/in/values" "$k" | wc -l)

	open_all both "$b"
}

# Everything was asked, and nothing opened.
stolen_gateway() {
	[ "$N_TOKENS" -gt 0 ] && [ "$(wc -l <"$D/stolen/gateway/answers")" = "$N_TOKENS" ] && [ "$(answers gateway ok)" = 0 ]
}
stolen_keys() { [ "$KEY_TOKENS" = 0 ] && [ "$KEY_VALUES" = 0 ]; }

# All but the erased customer's, and each as it was sent. (jq spells numbers its own way.)
stolen_both() {
	local plain='tostring | (tonumber? // .) | tostring'
	[ "$(answers both gone)" = "$their" ] && [ "$(answers both ok)" = $((N_TOKENS - their)) ] || return 1
	jq -r "select(.status == \"ok\") | .value | $plain" "$D/stolen/both/answers" | sort -u >"$D/stolen/opened"
	jq -r ".pii[].v | $plain" "$D/in/truth.ndjson" | sort -u >"$D/stolen/sent"
	[ -z "$(comm -23 "$D/stolen/opened" "$D/stolen/sent" | head -1)" ]
}
