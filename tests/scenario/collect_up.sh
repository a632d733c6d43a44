#!/bin/bash
# scrim up with a section "collect": viewd runs before scrimd does, an end of it stops nobody,
# and what was taken meanwhile reaches it when it runs again.
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/collect.sh"

world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
collect_world
rm "$W/keyd.json"
end() {
	"$BIN/scrim" down --config "$W/scrim.json" >/dev/null 2>&1
	world_end
}
trap end EXIT
export SCRIM_CONFIG=$W/scrim.json
pid_of() { cut -d' ' -f1 "$W/run/$1.pid"; }

"$BIN/scrim" up --demo --detach --one-user >"$W/up" 2>"$W/up.err" || { cat "$W/up.err" "$W/run/"*.log; bail "scrim up does not start"; }
ok "up says that viewd is up" grep -q 'scrim-keyd, scrim-viewd and scrimd are up' "$W/up"
ok "viewd.json was made for it" jq -e '.feed == "run/feed.sock" and .words == "words.json"' "$W/viewd.json"
viewd=$(pid_of scrim-viewd)
ok "it runs" kill -0 "$viewd"
connected() { [ "$(metric scrim_collect_spool_connected)" = "$1" ]; }
ok "and scrimd hands over to it" await 10 connected 1

is "a back end's event is taken" "$(erp_post '{"batch":[{"type":"track","event":"Product Viewed","messageId":"m-1","userId":"u-1","timestamp":"'"$(now_iso)"'","properties":{"product_id":"p-1"}}]}' | jq -c '.success // .accepted')" 1
kill -9 "$viewd"
ok "its end is told" await 10 grep -q "scrim-viewd ended" "$W/run/scrim-up.log"
ok "scrimd goes on" ready
ok "and knows" await 10 connected 0
is "and takes more" "$(erp_post '{"batch":[{"type":"track","event":"Product Viewed","messageId":"m-2","userId":"u-1","timestamp":"'"$(now_iso)"'","properties":{"product_id":"p-1"}}]}' | jq -c '.success // .accepted')" 1
ok "scrim down stops the others" "$BIN/scrim" down
no "scrimd is gone" ready
cp "$W/viewd.json" "$W/viewd.good"
jq '.text_version = 9' "$W/words.json" >"$W/others.json"
jq '.words = "others.json"' "$W/viewd.good" >"$W/viewd.json"
no "up starts nothing where viewd has other words" "$BIN/scrim" up --demo --detach --one-user 2>"$W/up.err"
ok "and says which" grep -q '"text_version" differs' "$W/up.err"
mv "$W/viewd.good" "$W/viewd.json"
start viewd "$W/log/viewd.err" "$BIN/scrim-viewd" --config "$W/viewd.json"
ok "viewd runs alone" await 10 grep -q viewd.ready "$W/log/viewd.err"
stop viewd
ok "and ends well" "$BIN/scrim-viewd" --config "$W/viewd.json" --check
size() { cat "$W"/run/viewd/data/*.seg | wc -c; }
before=$(size)
"$BIN/scrim" up --demo --detach --one-user >"$W/up" 2>"$W/up.err" || cat "$W/up.err"
grown() { [ "$(size)" -gt "$before" ]; }
ok "when all are up again what it missed reaches it" await 10 grown
tap_done
