#!/bin/bash
# keyd's whole folder is put back, forked, or another's, so that keyd itself finds nothing wrong: no
# gateway that saw more asks it for a key, says so while it lasts, and goes on when the right one is back.
# timeout: 300
. "$(dirname "$0")/../lib/world.sh"

world_new
world_owner
jq -n '[]' | world_routes -
export SCRIM_CONFIG=$W/scrim.json
D=$W/run/keyd
seal() { world_curl shop -o "$W/sealed" -w '%{http_code}' -d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal"; }
reveal() {
	world_curl order_system -o "$W/revealed" -w '%{http_code}' -H 'Scrim-Purpose: order_processing' \
		-d "{\"items\":[{\"token\":\"$TOKEN\"}]}" "$URL/v1/reveal"
}
opens() { [ "$(reveal)" = 200 ] && jq -e '.items[0].status == "ok"' "$W/revealed" >/dev/null; }
refuses() { [ "$(reveal)" = 503 ] && jq -e '.type | endswith("keyd-log-refused")' "$W/revealed" >/dev/null; }
readyz() { curl -s --max-time 5 "$PLAIN/readyz" | jq -r "$1"; }
is_red() { [ "$(readyz '"\(.keyd_past_is) \(.ready)"')" = "$1 false" ]; }
metric() { curl -s "$PLAIN/metrics" | grep -qx "$1"; }
seen() { sed -n '4p' "$W/run/log/keyd.seen"; }
more() { # so many more entries of keyd's log, under a head that the gateway has seen
	local was
	was=$(seen)
	for _ in $(seq "$1"); do reveal >/dev/null; done
	await 10 eval "[ \"\$(seen)\" -gt '${was:-0}' ]"
}
# both of the gateway's workers
always() { for _ in $(seq 12); do "$@" || return 1; done; }
keep() { rm -rf "${W:?}/kept.$1" && cp -a "$D" "$W/kept.$1"; }
put() { find "$D" -mindepth 1 -delete && cp -a "$W/kept.$1/." "$D/"; }
red() { # WHAT WORD
	ok "$1: /readyz is red and says it" await 10 is_red "$2"
	ok "$1: nothing opens" await 5 always refuses
	is "$1: nothing is sealed either" "$(seal)" 503
	ok "$1: the metric says it" metric 'scrim_keyd_log_refused 1'
	ok "$1: and an event" grep -q "gateway.keyd_past_refused.*$2" "$W/log/scrimd.err"
}
green() { # WHAT
	ok "$1: all is green" await 15 ready
	ok "$1: and opens" await 5 always opens
	ok "$1: so says the metric" metric 'scrim_keyd_log_refused 0'
}

world_up
seal >/dev/null
TOKEN=$(jq -r '.items[0].token' "$W/sealed")
ok "a value is opened" await 5 opens
ok "what was seen of keyd's log is kept" await 10 test -s "$W/run/log/keyd.seen"
more 3
stop keyd
keep old
start_keyd
green "keyd goes on"
more 20
stop keyd
keep new

# ---- rolled back, whole ------------------------------------------------------------------
put old
start_keyd
red "rolled back" rolled-back
ok "it lasts" always is_red rolled-back
stop scrimd
: >"$W/log/scrimd.err"
start_scrimd
red "and the gateway started anew" rolled-back
stop keyd
put new
start_keyd
green "the newest copy"

# ---- forked: the old one goes on in another way, further than was seen --------------------
stop scrimd
stop keyd
keep new
put old
start_keyd
await 10 test -S "$W/run/keyd.sock"
for _ in $(seq 60); do # somebody at keyd's socket, who is no gateway of ours
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role order_system \
		--purpose order_processing --keys "$W/keys" open <<<"$TOKEN" >/dev/null 2>&1
done
: >"$W/log/scrimd.err"
start_scrimd
red "forked" forked
stop keyd
put new
start_keyd
green "the newest copy once more"

# ---- another keyd, with keys of its own ----------------------------------------------------
stop scrimd
stop keyd
keep new
mkdir "$W/aside"
mv "$W"/keys/root.json "$W/aside/"
mv "$W"/keys/backup.keys "$W/aside/" 2>/dev/null
find "$D" -mindepth 1 -delete
keyd_init || bail "no other keyd"
start_keyd
: >"$W/log/scrimd.err"
start_scrimd
red "another keyd" another-key
stop keyd
mv "$W"/aside/* "$W/keys/"
put new
start_keyd
green "the right one"

# ---- the gateway's memory is taken away -------------------------------------------------------
stop scrimd
mv "$W/run/log/keyd.seen" "$W/seen"
: >"$W/log/scrimd.err"
start_scrimd
red "keyd.seen is gone" forgotten
stop scrimd
sed '4s/./9/' "$W/seen" >"$W/run/log/keyd.seen"
: >"$W/log/scrimd.err"
start_scrimd
red "keyd.seen was edited" forgotten
stop scrimd
cp "$W/seen" "$W/run/log/keyd.seen"
start_scrimd
green "keyd.seen is back"

# ---- the way out: the old keyd is all that is left ----------------------------------------------
seen_words() { sed -n '3,5p' "$W/run/log/keyd.seen" | tr '\n' ' '; }
bring() { install -m 600 "$1" "$W/run/log/keyd.anew"; }
told() { "$BIN/scrim" audit show --json | jq -rs 'map(.entry | select(.act == "keyd.start_anew")) | last | "\(.outcome.result) \(.outcome.why // .why.reason)"'; }
set_aside() { [ -e "$W/run/log/keyd.anew.refused" ] && [ ! -e "$W/run/log/keyd.anew" ]; }
not_taken() { # WHAT WHY
	ok "$1 is set aside" await 10 set_aside
	is "$1: why stands in the log" "$(told)" "refused $2"
	ok "$1: /readyz stays red" is_red rolled-back
	rm "$W/run/log/keyd.anew.refused"
}
stop keyd
put old
start_keyd
red "nothing but the old is left" rolled-back
read -r origin size root <<<"$(seen_words)"
owner_signs "$W/word" "$origin" "$((size + 1))" "$root"
bring "$W/word"
not_taken "a word about another end" "the statement is about another log, or another end of it"
"$BIN/scrim" keys signer shop-1 --keyd-config "$W/keyd.json" --out "$W/keys/other.sign" >/dev/null
"$BIN/scrim" keys anew "$origin" "$size" "$root" --sign "$W/keys/other.sign" --reason "the disk was lost" --out "$W/other" >/dev/null
bring "$W/other"
not_taken "the word of another" "whoever signed is not among the anew_signers here"
head -c 300 /dev/urandom | base64 -w 0 >"$W/other"
bring "$W/other"
not_taken "nonsense" "that is no statement to start anew"
head -c 9000 /dev/zero >"$W/other"
bring "$W/other"
ok "what is too long is set aside" await 10 set_aside
rm "$W/run/log/keyd.anew.refused"
owner_signs "$W/word" "$origin" "$size" "$root"
bring "$W/word"
green "by the owner's word"
is "who and why stand in the log" "$(told)" "ok the disk was lost"
is "and what was lost" "$("$BIN/scrim" audit show --json | jq -rs 'map(.entry | select(.act == "keyd.start_anew" and .outcome.result == "ok")) | last | "\(.who.principal) \(.who.auth) \(.head.size)"')" \
	"privacy_officer-1 signed $size"
ok "the word is gone" test ! -e "$W/run/log/keyd.anew"
ok "and what is seen from now on is less" test "$(seen)" -lt "$size"
bring "$W/word"
sleep 2
ok "the same word does nothing where all is green" always opens
stop keyd
rm "$W/run/log/keyd.anew"
tap_done
