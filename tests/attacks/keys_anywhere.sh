#!/bin/bash
# Keys in memory that the kernel may write to swap or into a dump: whoever gets at that has them,
# after they were destroyed too. The thief here even knows what to look for.
# weakness: keys-anywhere
. "$(dirname "$0")/../lib/attack.sh"

hunt() { # 42: a key lies outside what is locked and left out of dumps
	mkdir -p "$W/tmp/hunt"
	"$TOOLS/key_hunter" "$W/keyd.json" "${PROC_PID[keyd]}" "$W/tmp/hunt" >"$W/log/hunt" 2>&1
	hunted=$?
	sed 's/^/# /' "$W/log/hunt" | tail -20
}
outside() { hunt; [ "$hunted" = 42 ]; }

if [ "$(id -u)" != 0 ]; then
	skip "keys outside the locked region" "only root reads another's memory"
	tap_done
	exit
fi
world_new
jq -n '[]' | world_routes -
world_up
for i in $(seq 12); do
	world_curl shop -H 'Content-Type: application/json' -o /dev/null \
		-d "{\"items\":[{\"class\":\"name\",\"subject\":\"c-$i\",\"value\":\"Ann $i\"}]}" "$URL/v1/seal"
done
kill -HUP "${PROC_PID[keyd]}"
sleep 1
attack "a key in memory that can be swapped out or dumped" outside
ok "the thief finds keys at all" [ "$hunted" != 1 ]
tap_done
