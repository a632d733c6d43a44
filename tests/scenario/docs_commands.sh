#!/bin/bash
# Every command block of README and docs marked ```sh test runs and succeeds; in
# the other ```sh blocks (such as `make demo`) every make target and every scrim
# subcommand exists.
#
# The blocks of one file run in order in one shell (bash -eu) in an empty folder,
# with build/bin on the PATH and a demo of its own running: $SCRIM_CONFIG names
# its configuration, $KEYS the folder of API keys, $URL and $CA its address and
# certificate, $RUN the folder of its files (telephony's socket is in it), $KEYD keyd's process, $SRC the source tree.
. "$(dirname "$0")/../lib/world.sh"
. "$ROOT/tests/lib/collect.sh"

WORLD_PHONE='{ "home": "44", "pools": [ { "name": "labels", "mode": "AXE", "ext_digits": 4, "dial": ["44"],
	"numbers": [ { "number": "+441632960001", "count": 2 } ] } ] }'
world_new
world_order_routes "http://127.0.0.1:$PEER_PORT" | world_routes -
jq '.principals += [ { name: "switch", role: "telephony", socket: true } ]
	| .listen += [ { address: "unix:run/telephony.sock", principal: "switch" } ]' "$W/scrim.json" >"$W/new.json" && mv "$W/new.json" "$W/scrim.json"
WEB_KEY=wk_demo_web collect_world
jq '.text_version = 1' "$ROOT/tests/data/words.json" >"$W/words.json"
viewd_config
start_peer orders order_system "$PEER_PORT"
start_viewd
world_up
# releases, and who may ask them
mkdir -p "$W/query/grants"
free_port && QUERY=http://127.0.0.1:$PORT ANALYST=$W/query/ana.key
jq -n --arg at "127.0.0.1:$PORT" '{ tenant: "demo", listen: { address: $at }, views: "views", log: "log-of-queryd",
	grants: "grants/grants.json", log_vkey: "vkey" }' >"$W/query/queryd.json"
"$TOOLS/fake_publisher" "$W/query" weekly 1 1000 || bail "nothing is published"
"$BIN/scrim" views grant ana --dataset weekly --purposes analytics --until 2099-01-01T00:00:00Z \
	--config "$W/scrim.json" --grants "$W/query/grants/grants.json" --key-out "$ANALYST" || bail "nothing is granted"
start queryd "$W/log/queryd.err" "$BIN/scrim-queryd" --config "$W/query/queryd.json"
await 10 curl -sf "$QUERY/readyz" || bail "queryd is not ready"
export QUERY ANALYST
export SCRIM_CONFIG=$W/scrim.json KEYS=$W/keys URL CA=$W/keys/tls.crt RUN=$W/run KEYD=${PROC_PID[keyd]} SRC=$ROOT PATH=$BIN:$TOOLS:$PATH
"$TOOLS/gen_orders" --shape shopify --count 20 --seed 9 >"$W/orders.ndjson.sample"

targets=" $(make -s -C "$ROOT" help | awk '{ print $2 }' | tr '\n' ' ')"
known() { # FILE: what its untested blocks name exists
	local bad=0 first second
	while read -r first second _; do
		case $first in
		make) case "$targets" in *" $second "*) ;; *) echo "# no target: make $second"; bad=1 ;; esac ;;
		scrim) scrim "$second" --help >/dev/null 2>&1 || { echo "# no command: scrim $second"; bad=1; } ;;
		esac
	done < <(awk '/^```sh *$/ { on = 1; next } /^```/ { on = 0 } on' "$1" | sed 's/^[$ ]*//; s/^SHORT=1 //; s/^sudo //')
	return $bad
}

files=0
for f in "$ROOT"/README.md "$ROOT"/*.md "$ROOT"/docs/*.md; do
	[ -r "$f" ] || continue
	name=${f#"$ROOT"/}
	case " ${seen:-} " in *" $name "*) continue ;; esac
	seen="${seen:-} $name"
	if grep -q '^```sh *$' "$f"; then
		files=$((files + 1))
		ok "the commands that $name names exist" known "$f"
	fi
	awk '/^```sh test/ { on = 1; next } /^```/ { on = 0 } on' "$f" >"$W/tmp/commands"
	[ -s "$W/tmp/commands" ] || continue
	files=$((files + 1))
	mkdir -p "$W/docs$files"
	cp "$W/orders.ndjson.sample" "$W/docs$files/orders.ndjson"
	ok "the commands of $name work" bash -c "cd '$W/docs$files' && exec timeout 120 bash -eu '$W/tmp/commands'"
done
ok "there is at least one document with commands" test $files -ge 1
tap_done
