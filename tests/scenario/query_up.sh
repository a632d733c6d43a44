#!/bin/bash
# A release, from where it was made to an analyst's question: published with scrimd's receipt,
# served by queryd, whose log is signed and verified like every other.
. "$(dirname "$0")/../lib/world.sh"

world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
free_port && QPORT=$PORT
Q=http://127.0.0.1:$QPORT
rm "$W/keyd.json"
jq '.logs = [ { name: "queryd", dir: "run/queryd/log" } ] | .views = { drafts: "drafts", published: "views" }' \
	"$W/scrim.json" >"$W/new.json" && mv "$W/new.json" "$W/scrim.json"
end() {
	"$BIN/scrim" down --config "$W/scrim.json" >/dev/null 2>&1
	world_end
}
trap end EXIT
export SCRIM_CONFIG=$W/scrim.json
up() { "$BIN/scrim" up --demo --detach --one-user >"$W/up" 2>"$W/up.err" || { cat "$W/up.err" "$W/run/"*.log; bail "scrim up does not start"; }; }

up
jq '.logs = [ { name: "queryd" } ]' "$W/keyd.json" >"$W/new.json" && mv "$W/new.json" "$W/keyd.json"
"$BIN/scrim" down >/dev/null
jq -n --arg at "127.0.0.1:$QPORT" '{ tenant: "demo", listen: { address: $at }, views: "views", log: "run/queryd/log",
	grants: "grants/grants.json", log_vkey: "run/log/vkey" }' >"$W/queryd.json"
up
ok "up says that queryd is up" grep -q 'scrim-queryd' "$W/up"
queryd=$(cut -d' ' -f1 "$W/run/scrim-queryd.pid")
ok "it runs" kill -0 "$queryd"
ok "it may gain nothing, and calls are listed" grep -qE 'Seccomp:.*2' "/proc/$queryd/status"

ok "a key is made by the names of the policy" "$BIN/scrim" views grant ana --dataset weekly \
	--purposes analytics --until 2099-01-01T00:00:00Z --key-out "$W/ana.key"
no "not for a purpose that it does not know" "$BIN/scrim" views grant eve --dataset weekly \
	--purposes curiosity --until 2099-01-01T00:00:00Z 2>/dev/null
is "before anything is published there is nothing" \
	"$("$BIN/scrim" query weekly 'SELECT 1' --key "$W/ana.key" 2>/dev/null; echo $?)" 4
"$TOOLS/fake_publisher" "$W" weekly 1 500 --draft || bail "no draft"
publish() { "$BIN/scrim" views publish weekly --key "$W/keys/privacy_officer.key" --purpose operations >/dev/null; }
ok "a release is published" publish
served() { curl -s "$Q/readyz" | jq -e '.served == 1 and .refused == 0' >/dev/null; }
ok "and served, by the receipt of scrimd's own log" await 20 served
is "it is asked by the configuration alone" \
	"$("$BIN/scrim" query 'SELECT count(*) FROM sales' --key "$W/ana.key" --format csv | tr -d '\r' | tail -1)" 500
heads() { ls "$W/run/heads" 2>/dev/null | grep -q queryd; }
ok "queryd's log is signed by keyd, by way of scrimd" await 30 heads
kill -9 "$queryd"
ok "its end is told" await 10 grep -q "scrim-queryd ended" "$W/run/scrim-up.log"
ok "scrimd goes on" ready
ok "scrim down stops the others" "$BIN/scrim" down
up
is "and all is as before" "$("$BIN/scrim" query 'SELECT count(*) FROM sales' --key "$W/ana.key" --format csv | tr -d '\r' | tail -1)" 500
tap_done
