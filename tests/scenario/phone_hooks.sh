#!/bin/bash
# What happens to virtual numbers is told to those who want to know: signed, at
# least once, exactly what was told, whether the receiver fails, is dead for a while
# or scrimd is killed in between; and never with a person's number in it.
. "$(dirname "$0")/../lib/phone.sh"

REAL=0770090011	# and a digit
world_new
free_port && HOOK_PORT=$PORT
free_port && DEAD_PORT=$PORT
SECRET=$(openssl rand -base64 32)
OLD=$(openssl rand -base64 24)
printf 'whsec_%s\nwhsec_%s\n' "$SECRET" "$OLD" >"$W/keys/hook.secret"
printf 'whsec_%s\n' "$OLD" >"$W/keys/dead.secret"
WORLD_PHONE=$(jq -n --argjson port "$HOOK_PORT" --argjson dead "$DEAD_PORT" '{ home: "44",
	pools: [ { name: "labels", mode: "AXE", dial: ["44"], numbers: [ { number: "+441632960001" } ] } ],
	hooks: [ { name: "shop", url: "http://127.0.0.1:\($port)/hooks/scrim", secret: "keys/hook.secret", events: ["binding.*"] },
		 { name: "dead", url: "http://127.0.0.1:\($dead)/", secret: "keys/dead.secret" } ] }')
echo '[]' | world_routes -

ok "the configuration is in order" "$BIN/scrim" config check "$W/scrim.json"
chmod 640 "$W/keys/hook.secret"
no "not with a secret that others can read" "$BIN/scrim" config check "$W/scrim.json"
chmod 600 "$W/keys/hook.secret"

start_hook() { start_peer hook order_system "$HOOK_PORT" --heads "$W/heads" --fault-file "$W/fault"; }
keep_heads() { # a peer begins its file anew
	cat "$W/heads" >>"$W/all-heads" 2>/dev/null
	return 0
}
metric() { curl -s --max-time 5 "$PLAIN/metrics" | awk -v m="scrim_hooks_$1" '$1 == m { print $2 }'; }
# N bindings are made and ended; the ids of those whose end was answered go to $W/told.
end_some() { # N
	local n id
	for n in $(seq "$1"); do
		id=$(world_curl order_system -H 'Content-Type: application/json' -H 'Scrim-Purpose: order_processing' \
			-d "$(jq -cn --arg o "O-$RANDOM-$n" --arg p "$REAL$((n % 10))" '{ items: [ { pool: "labels", order_ref: $o, a: $p, subject: $o } ] }')" \
			"$PLAIN/v1/bindings" | jq -r '.items[0].id')
		world_curl order_system -o /dev/null -w '%{http_code}' -H 'Scrim-Purpose: order_processing' -X DELETE \
			"$PLAIN/v1/bindings/$id" | grep -q 200 && echo "$id" >>"$W/told"
	done
}
waiting_is() { [ "$(metric waiting)" = "$1" ]; }
# The ids that arrived, each once.
arrived() { cat "$W/all-heads" "$W/heads" 2>/dev/null | grep -o '"binding":"[0-9a-f]*"' | cut -d'"' -f4 | sort -u; }
all_arrived() { [ "$(arrived)" = "$(sort -u "$W/told")" ]; }
: >"$W/told"
: >"$W/fault"
start_hook
world_up

# ---- all is well ----
end_some 3
ok "what was told arrives" await 10 all_arrived
is "three bindings were ended" "$(wc -l <"$W/told")" 3
ok "each was delivered once" await 5 eval '[ "$(metric delivered_total)" = 3 ]'
ok "a dead receiver has the same to come" await 5 waiting_is 3

# ---- the receiver fails, then it is well again ----
echo 500 >"$W/fault"
end_some 4
ok "failures are counted" await 10 eval '[ "$(metric retried_total)" -ge 2 ]'
no "and not all has arrived" eval '[ "$(metric delivered_total)" -ge 7 ]'
: >"$W/fault"
ok "what failed arrives later" await 30 eval '[ "$(metric delivered_total)" = 7 ]'

# ---- dead, and scrimd is killed meanwhile ----
stop hook
keep_heads
: >"$W/heads"
end_some 4
ok "what cannot be delivered waits" await 10 waiting_is $((11 + 4))
stop scrimd KILL
start_scrimd
ok "scrimd is back" await 20 ready
is "nothing was forgotten" "$(metric waiting)" $((11 + 4))
start_hook
ok "what waited arrives" await 30 all_arrived

# ---- killed while it delivers ----
echo slow >"$W/fault"
end_some 2
ok "one is on its way" await 10 grep -qF "$(tail -n 2 "$W/told" | head -n 1)" "$W/heads"
stop scrimd KILL
: >"$W/fault"
start_scrimd
ok "scrimd is back once more" await 20 ready
ok "what was under way is delivered" await 30 all_arrived
ok "and all of it was told, nothing else" all_arrived
is "that is everything" "$(arrived | wc -l)" 13

# ---- what arrived ----
stop hook
keep_heads
hex() { base64 -d | od -An -v -tx1 | tr -d ' \n'; }
mac() { # SECRET CONTENT: base64
	printf '%s' "$2" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$(printf '%s' "$1" | hex)" -binary | base64
}
field() { tr '\t' '\n' <<<"$LINE" | sed -n "s/^$1: //Ip" | tr -d ' ' ; }
signed=0 bad=0
while IFS= read -r LINE; do
	body=${LINE##*$'\t'}
	content=$(field webhook-id).$(field webhook-timestamp).$body
	signature=$(tr '\t' '\n' <<<"$LINE" | sed -n 's/^webhook-signature: //Ip' | sed 's/ *$//')
	if [ "$signature" = "v1,$(mac "$SECRET" "$content") v1,$(mac "$OLD" "$content")" ]; then signed=$((signed + 1)); else bad=$((bad + 1)); fi
done <"$W/all-heads"
ok "openssl agrees with every signature, of both secrets" eval '[ $bad = 0 ] && [ $signed -ge 15 ]'
no "a changed body would not" [ "v1,$(mac "$SECRET" "$content ")" = "${signature%% *}" ]
is "one id for each event, however often it was sent" \
	"$(while IFS= read -r LINE; do echo "$(field webhook-id) ${LINE##*$'\t'}"; done <"$W/all-heads" | sort -u | cut -d' ' -f1 | sort | uniq -d | wc -l)" 0
ok "all were POSTs to the hook's path" eval '! cut -f1 "$W/all-heads" | grep -qv "^POST /hooks/scrim HTTP/1.1 *$"'
is "told is what happened, by whose number" \
	"$(cut -f2- "$W/all-heads" | sed 's/.*\t//' | jq -r '"\(.type) \(.data.pool) \(.data.x) \(.data.mode)"' | sort -u)" \
	"binding.ended labels +441632960001 AXE"
no "nobody's number is in any of it" grep -qE '7700 ?900|sct1-' "$W/all-heads"
stop scrimd
no "nor what is told in any log" grep -rqE 'binding\.ended|msg_[0-9a-f]{8}|whsec_|7700900' "$W/log"
ok "but that a hook failed is" grep -q '"event":"phone.hook_failed","hook":"dead"' "$W/log/scrimd.err"

# ---- a call ----
printf 'whsec_%s\n' "$SECRET" >"$W/keys/events.secret"
jq '.listen += [{ address: "unix:run/telephony.sock", principal: "pbx" }] | .principals += [{ name: "pbx", role: "telephony", socket: true }]
	| .phone.event_secret = "keys/events.secret" | .phone.hooks = [ .phone.hooks[0] + { name: "calls", events: ["call.*"] } ]' "$W/scrim.json" >"$W/one.json"
cp "$W/scrim.json" "$W/before.json" && mv "$W/one.json" "$W/scrim.json"
: >"$W/heads"
start_hook
stop keyd
start_keyd # which hears of the server as well
start_scrimd
ok "with a telephony server" await 20 ready
bind labels CALL-1 "${REAL}1"
is "a call is connected" "$(ask "$X" $COURIER call-1 "{\"ext\":\"$(bound_ext)\"}"; said .action)" 200connect
event answer call-1 >"$W/status"
event end call-1 '{"cause":"completed"}' >"$W/status"
ok "its beginning and its end are told" await 10 eval '[ "$(grep -c "call\\.[se]" "$W/heads")" = 2 ]'
is "each with its binding, pool and number" "$(sed 's/.*\t//' "$W/heads" | jq -r '.type + " " + (.data | "\(.binding) \(.mode) \(.pool) \(.x) \(.cause)")')" \
	"call.started $(bound_id) AXE labels $X null
call.ended $(bound_id) AXE labels $X completed"
stop scrimd
stop hook
mv "$W/before.json" "$W/scrim.json"

# ---- over TLS: scrimd itself is the receiver, and says no to whoever has no key ----
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout "$W/keys/other.key" -out "$W/keys/other.crt" \
	-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null
jq --arg url "$URL/hooks" '.phone.hooks = [ { name: "known", url: $url, ca: "keys/tls.crt", secret: "keys/hook.secret" },
	{ name: "stranger", url: $url, ca: "keys/other.crt", secret: "keys/hook.secret" } ]' "$W/scrim.json" >"$W/one.json"
mv "$W/one.json" "$W/scrim.json"
start_scrimd
ok "with other hooks" await 20 ready
end_some 1
failed() { grep '"event":"phone.hook_failed"' "$W/log/scrimd.err" | jq -c "select(.hook == \"$1\") | .status" | tail -n 1; }
ok "one whose certificate we know answers" await 10 eval '[ "$(failed known)" -ge 400 ]'
ok "one whose we do not is not even asked" await 10 [ "$(failed stranger)" = 0 ]
tap_done
