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

# What somebody wrote looks like nothing else of the line.
LOOK='ok  op=read  result=refused  principal=mallory "x" \ 7'
world_curl support -H 'Scrim-Purpose: service' -H "Scrim-Reason: $LOOK" -H 'Scrim-Ticket: T-1 role=auditor' -o /dev/null \
	-d '{"items":[{"token":"sct1-0"}]}' "$URL/v1/reveal"
shows() { "$BIN/scrim" audit show >"$W/out" && grep -qF "$1" "$W/out"; }
ok "a reason is in quotes" await 5 shows '  reason="ok  op=read  result=refused  principal=mallory \"x\" \\ 7"  ticket="T-1 role=auditor"'
is "no field of it is one of the line" "$(sed 's/"[^"\]*\(\\.[^"\]*\)*"//g' "$W/out" | grep -c 'mallory\|role=auditor')" 0
ok "one word is too" eval 'world_curl support -H "Scrim-Purpose: service" -H "Scrim-Reason: asked" -H "Scrim-Ticket: T-2" -o /dev/null \
	-d "{\"items\":[{\"token\":\"sct1-0\"}]}" "$URL/v1/reveal" && await 5 shows "  reason=\"asked\"  ticket=\"T-2\""'
# a log that is not ours may have anything in it
printf '{"v":1,"at":5,"kind":"search","who":{"principal":"a\\u001b[2Jb","role":"x  result=ok"},"what":{"classes":{"p  q=1":3}}}\n{"v":1,"at":6,"kind":"se\xe2\x80\xaearch"}\n' |
	"$TOOLS/log_writer" "$W/odd" demo/odd >/dev/null
"$BIN/scrim" audit show --log "$W/odd" >"$W/out"
ok "names of another log as well" grep -qF 'principal="a\u001b[2Jb"  role="x  result=ok"  "p  q=1"=3' "$W/out"
ok "whatever turns the line" grep -qF '"se\u202earch"' "$W/out"
"$BIN/scrim" audit stats --log "$W/odd" >"$W/out"
ok "stats too" grep -qF 'principal    "a\u001b[2Jb"' "$W/out"
tap_done
