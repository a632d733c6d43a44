#!/bin/bash
# What a policy wants signed opens for its caller's own statement: by the command, by HTTP, once;
# in a document it stays a token.
. "$(dirname "$0")/../lib/world.sh"

world_new
world_signer fraud
world_signer finance
world_signer privacy_officer
jq -n --arg up "http://127.0.0.1:$PEER_PORT" '[ { name: "case", match: { path: "/case" }, upstream: $up,
	purpose: "fraud_investigation", response: [ { at: "$.id", class: "resident_id", "do": "policy" },
	{ at: "$.phone", class: "phone", "do": "policy" }, { at: "$.note", "do": "scan" } ] } ]' | world_routes -
world_up
start_peer upstream echo "$PEER_PORT"

is "the key is for nobody else to read" "$(stat -c %a "$W/keys/fraud.sign")" 600
no "and is not made twice" "$BIN/scrim" keys signer fraud-1 --keyd-config "$W/keyd.json" --out "$W/keys/fraud.sign"
ok "keyd's file has its public half" jq -e '.[] | select(.name == "fraud-1").sign_key | length == 64' "$W/principals.json"

ID=110101199003071233 PHONE="07700 900123"
jq -nc --arg id "$ID" --arg phone "$PHONE" '{items:[{class:"resident_id",value:$id,subject:"c1"},{class:"phone",value:$phone,subject:"c1"}]}' |
	world_curl shop --data-binary @- "$URL/v1/seal" | jq -r '.items[].token' >"$W/tokens"
is "an id and a phone were sealed" "$(grep -c '^sct1-' "$W/tokens")" 2
head -1 "$W/tokens" >"$W/id"

reveal() { # ROLE KEY [option...], tokens on standard input
	local role=$1 key=$2
	shift 2
	"$BIN/scrim" reveal --config "$W/scrim.json" --key "$W/keys/$role.key" --purpose fraud_investigation \
		--ticket T-17 ${key:+--sign "$W/keys/$key.sign"} "$@" 2>"$W/said"
}
is "with a signature both open" "$(reveal fraud fraud <"$W/tokens" | paste -sd,)" "$ID,$PHONE"
reveal fraud "" <"$W/tokens" >"$W/out"
is "without one the exit status says that policy refused" "$?" 4
is "and the phone alone opens" "$(paste -sd, "$W/out")" ",$PHONE"
ok "and it is said what is wanting" grep -q "value 1: unsigned: the caller's own signature is required" "$W/said"
reveal fraud finance <"$W/id" >"$W/out"
is "by another's key nothing opens" "$?,$(cat "$W/out")" "4,"
ok "and it is said that the signature is not good" grep -q "unsigned: the signature sent is not good" "$W/said"
chmod 644 "$W/keys/fraud.sign"
reveal fraud fraud <"$W/id" >"$W/out"
is "a key that others may read is not used" "$?" 2
chmod 600 "$W/keys/fraud.sign"
no "sealing takes no signature" "$BIN/scrim" seal --config "$W/scrim.json" --class phone --sign "$W/keys/fraud.sign" x
CARD=6222021234567890128
jq -nc --arg card "$CARD" '{items:[{class:"bank_card",value:$card,subject:"c1"}]}' |
	world_curl shop --data-binary @- "$URL/v1/seal" | jq -r '.items[].token' >"$W/card"
is "a thousand tokens are signed for in batches" "$(for _ in {1..1000}; do cat "$W/card"; done |
	"$BIN/scrim" reveal --config "$W/scrim.json" --key "$W/keys/finance.key" --purpose settlement --ticket T-18 \
		--sign "$W/keys/finance.sign" | grep -c "^$CARD$")" 1000

recorded() { # JQ: is there such an opening of fraud's in keyd's log?
	"$BIN/scrim" audit show --config "$W/scrim.json" --keyd --json --principal fraud-1 | jq -se "any(.[].entry; $1)" >"$W/recorded"
}
ok "the record says that it was signed" await 20 recorded '.who.auth == "signed" and .outcome.revealed == 2'
ok "and why a statement was not good" await 20 recorded '.who.auth == "proved" and .outcome.why == "the signature does not hold"'

# by HTTP, as any other program would: FORMATS.md has the layout
sign() { sign_by fraud "$@"; }
sign_by() { # ROLE TOKEN... : the base64 of a statement about them
	python3 - "$W/keys/$1.sign" "${@:2}" <<-'END'
		import base64, hashlib, json, os, struct, sys, time
		from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
		key = json.load(open(sys.argv[1]))
		sha = lambda b: hashlib.sha256(b).digest()
		leaves = [sha(b"\0" + t.encode()) for t in sys.argv[2:]]
		def root(v):
		    if len(v) == 1: return v[0]
		    k = 1 << (len(v) - 1).bit_length() - 1
		    return sha(b"\1" + root(v[:k]) + root(v[k:]))
		field = lambda s: bytes([len(s)]) + s.encode()
		now = int(time.time() * 1000)
		said = b"scrim-statement1\1" + field(key["tenant"]) + field(key["keyd"]) + root(leaves) + os.urandom(16) \
		    + struct.pack(">QQ", now, now + 60000) \
		    + b"".join(map(field, [os.environ.get("SIGNED_OP", "read"), os.environ.get("SIGNED_PURPOSE", "fraud_investigation"), key["principal"], "",
		        os.environ.get("SIGNED_REASON", "a look"), os.environ.get("SIGNED_TICKET", "T-17")]))
		sig = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"])).sign(said)
		print(base64.b64encode(said + sig).decode())
	END
}
ask() { # STATEMENT TOKEN... : statuses
	local statement=$1
	shift
	jq -nc '{items:[$ARGS.positional[]|{token:.}]}' --args "$@" |
		world_curl fraud -H 'Scrim-Purpose: fraud_investigation' -H 'Scrim-Reason: a look' -H 'Scrim-Ticket: T-17' \
			-H "Scrim-Signature: $statement" --data-binary @- "$URL/v1/reveal"
}
if python3 -c 'import cryptography' 2>/dev/null; then
	mapfile -t T <"$W/tokens"
	S=$(sign "${T[@]}")
	is "another program's statement opens them" "$(ask "$S" "${T[@]}" | jq -rc '[.items[].value]')" "[\"$ID\",\"$PHONE\"]"
	is "once" "$(ask "$S" "${T[@]}" | jq -rc '[.items[].status]')" '["unsigned","ok"]'
	S=$(sign "${T[@]}")
	is "not the other way round" "$(ask "$S" "${T[1]}" "${T[0]}" | jq -rc '[.items[].status]')" '["ok","unsigned"]'
	is "not fewer" "$(ask "$S" "${T[0]}" | jq -rc '[.items[].status]')" '["unsigned"]'
	is "and trying used nothing up" "$(ask "$S" "${T[@]}" | jq -rc '[.items[].status]')" '["ok","ok"]'
	is "what is no token is asked for with the others" \
		"$(ask "$(sign "${T[0]}" nonsense)" "${T[0]}" nonsense | jq -rc '[.items[].status]')" '["ok","bad_token"]'
fi
is "what is no base64 is refused" "$(ask '###' x | jq -r .type)" "urn:scrim:problem:bad-signature"
is "an item that is none refuses a signed batch" "$(jq -nc '{items:[{tocken:"x"}]}' |
	world_curl fraud -H 'Scrim-Purpose: fraud_investigation' -H 'Scrim-Signature: AAAA' --data-binary @- "$URL/v1/reveal" | jq -r .type)" "urn:scrim:problem:items"
is "more than one call to keyd is not signed" "$(jq -nc --rawfile t "$W/id" '{items:[range(513)|{token:($t|rtrimstr("\n"))}]}' |
	world_curl fraud -H 'Scrim-Purpose: fraud_investigation' -H 'Scrim-Signature: AAAA' --data-binary @- "$URL/v1/reveal" | jq -r .type)" "urn:scrim:problem:signed-batch-too-large"

# in a document
jq -nc --rawfile id "$W/id" --arg phone "$(tail -1 "$W/tokens")" '{id:($id|rtrimstr("\n")),phone:$phone,note:("see " + ($id|rtrimstr("\n")))}' >"$W/case"
world_curl fraud -H 'Scrim-Ticket: T-17' -H 'Content-Type: application/json' --data-binary @"$W/case" "$URL/case" >"$W/answer"
is "in a document it stays a token, in a text too" "$(jq -c '[.id, .note]' "$W/answer")" "$(jq -c '[.id, .note]' "$W/case")"
is "and what wants no signature opens" "$(jq -r .phone "$W/answer")" "$PHONE"
is "which its reader then signs for" "$(jq -r .id "$W/answer" | reveal fraud fraud)" "$ID"

# in bulk: a restore, line by line
restore() { # PRINCIPAL KEY [option...], NDJSON on standard input
	"$BIN/scrim" rewrite --config "$W/scrim.json" --route case --restore --key "$W/keys/$1.key" --purpose audit --reason "a move" \
		${2:+--sign "$W/keys/$2.sign"} "${@:3}" 2>"$W/said"
}
T=$(cat "$W/id") P=$(tail -1 "$W/tokens")
jq -nc --arg id "$T" --arg phone "$P" '{n:1.10,id:$id,phone:$phone,note:("see " + $id + ", or " + $phone)}, {plain:"no token"}, {id:[$id,{x:$id}]}' >"$W/moved"
jq -nc --arg id "$ID" --arg phone "$PHONE" '{n:1.10,id:$id,phone:$phone,note:("see " + $id + ", or " + $phone)}, {plain:"no token"}, {id:[$id,{x:$id}]}' >"$W/clear"
is "a signed restore opens what is sensitive, in texts too" "$(restore privacy_officer privacy_officer <"$W/moved")" "$(cat "$W/clear")"
is "unsigned it stays, and the rest opens" "$(restore privacy_officer "" <"$W/moved" | jq -rc '.phone // empty, .id // empty')" \
	"$(jq -nrc --arg id "$T" --arg phone "$PHONE" '$phone, $id, [$id,{x:$id}]')"
is "with another's key it stays as well" "$(restore privacy_officer finance <"$W/moved" | jq -rc '.id // empty')" "$(jq -rc '.id // empty' "$W/moved")"
sed 's/"id":/"\\u0069d":/; s/"sct1-/"\\u0073ct1-/' "$W/moved" | restore privacy_officer privacy_officer >"$W/out"
is "a token is one however it is spelled" "$(jq -Sc . "$W/out")" "$(jq -Sc . "$W/clear")"
printf '%s\n{"id":\n' "$(head -1 "$W/moved")" | restore privacy_officer privacy_officer >"$W/out"
is "a line that is none is told, and costs its own" "$(jq -rc '.id // .scrim_error.problem' "$W/out")" "$ID
malformed-json"
jq -nc --arg t "$T" '[range(513)|$t]' | restore privacy_officer privacy_officer >"$W/out"
is "a line of too many tokens is refused whole" "$(jq -rc '.scrim_error.problem' "$W/out")" value-too-large
is "two thousand lines, each with its own" "$(for _ in {1..2000}; do echo "{\"id\":\"$T\"}"; done | restore privacy_officer privacy_officer | grep -c "^{\"id\":\"$ID\"}$")" 2000
restore privacy_officer nobodys <"$W/moved" >"$W/out"
is "a key that is not there is said" "$?,$(cat "$W/out")" "2,"
no "only a restore is signed for" "$BIN/scrim" rewrite --config "$W/scrim.json" --route case --sign "$W/keys/fraud.sign" --key "$W/keys/fraud.key"

# by HTTP: a statement is of the line behind it, and of nothing else
lines() { # FILE: what becomes of its lines
	world_curl privacy_officer -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: a move' -H 'Content-Type: application/x-ndjson' \
		--data-binary @"$1" "$URL/v1/rewrite/case?restore=1&signed=1" >"$W/out"
}
printf '{"scrim_signature":"###"}\n{"id":"%s"}\n{"id":"%s"}\n' "$T" "$T" >"$W/in" && lines "$W/in"
is "what is no statement refuses its line" "$(jq -rc '.id // .scrim_error.problem' "$W/out")" "bad-signature
$T"
printf '{"scrim_signature":"AAAA"}\n' >"$W/in"
is "it is a document like any where nobody said that lines may be signed" "$(world_curl privacy_officer -H 'Scrim-Purpose: audit' -H 'Scrim-Reason: a move' \
	-H 'Content-Type: application/x-ndjson' --data-binary @"$W/in" "$URL/v1/rewrite/case?restore=1")" '{"scrim_signature":"AAAA"}'
if python3 -c 'import cryptography' 2>/dev/null; then
	export_for() { SIGNED_OP=export SIGNED_PURPOSE=audit SIGNED_REASON='a move' SIGNED_TICKET= sign_by privacy_officer "$@"; }
	S=$(export_for "$T")
	printf '{"id":"%s"}\n{"scrim_signature":"%s"}\n{"id":"%s"}\n{"id":"%s"}\n{"scrim_signature":"%s"}\n{"id":"%s"}\n' "$T" "$S" "$T" "$T" "$S" "$T" >"$W/in"
	lines "$W/in"
	is "it is of its line, once" "$(jq -rc .id "$W/out" | paste -sd' ')" "$T $ID $T $T"
	printf '{"scrim_signature":"%s"}\n{"x":"%s"}\n' "$(export_for "$T" "$T")" "$T" >"$W/in" && lines "$W/in"
	is "and of all its tokens" "$(jq -rc .x "$W/out")" "$T"
	printf '{"scrim_signature":"%s"}\n{"x":"%s"}\n' "$(SIGNED_OP=read SIGNED_PURPOSE=audit SIGNED_REASON='a move' SIGNED_TICKET= sign_by privacy_officer "$T")" "$T" >"$W/in" && lines "$W/in"
	is "what was signed for reading exports nothing" "$(jq -rc .x "$W/out")" "$T"
fi
tap_done
