#!/bin/bash
# `scrim audit show --follow`: what there is, then what is added, as it is added.
. "$(dirname "$0")/../lib/world.sh"
world_new
echo '[{"name":"orders","match":{"path":"/orders"},"upstream":"http://127.0.0.1:9","purpose":"order_processing"}]' | world_routes -
world_up
export SCRIM_CONFIG=$W/scrim.json
seal() { world_curl order_system -d "{\"items\":[{\"class\":\"phone\",\"value\":\"$1\",\"subject\":\"c1\"}]}" "$URL/v1/seal" -o /dev/null; }
follow() { start "$1" "$W/log/$1.out" "$BIN/scrim" audit show --follow "${@:2}"; }
lines() { [ "$(wc -l <"$W/log/$1.out")" = "$2" ]; }

seal "07700 900001"
await 5 eval "\"$BIN/scrim\" audit show --kind seal | grep -q seal"
follow all --kind seal --json
follow two --kind seal --limit 2
follow none --kind reveal
ok "it shows what there is" await 5 lines all 1
ok "and stays" alive all
seal "07700 900002"
ok "it shows what is added" await 5 lines all 2
is "in order and once" "$(jq .index "$W/log/all.out")" "$(jq .index "$W/log/all.out" | sort -nu)"
ok "the limit counts from the first entry, and ends it" await 5 eval '! alive two && lines two 2'
seal "07700 900003"
ok "again" await 5 lines all 3
ok "a limit that is reached shows no more" lines two 2
ok "the filter holds for what is added" eval 'alive none && lines none 0'
ok "without it, show ends" timeout 10 "$BIN/scrim" audit show --kind seal
stop all
tap_done
