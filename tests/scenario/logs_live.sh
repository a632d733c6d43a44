#!/bin/bash
# The logs of two daemons are touched, while they run and while they are down: one or both rolled
# back, forged with a key of the forger's, exchanged, without what they are verified by, cut.
# Whatever it was, nothing is opened any more until the files are back.
# timeout: 600
. "$(dirname "$0")/../lib/world.sh"

world_new
jq -n '[]' | world_routes -
export SCRIM_CONFIG=$W/scrim.json
PY=$ROOT/tests/lib/verify_logs.py
G=$W/run/log K=$W/run/keyd/log

open_one() { # a value is opened: the status of the answer
	world_curl order_system -o /dev/null -w '%{http_code}' -H 'Scrim-Purpose: order_processing' \
		-d "{\"items\":[{\"token\":\"$TOKEN\"}]}" "$URL/v1/reveal"
}
opens() { [ "$(open_one)" = 200 ]; }
shut() { # nothing is opened, and no wait changes that
	local i
	for i in 1 2 3 4 5 6; do
		! opens || return 1
		sleep .5
	done
}
up() { start_keyd_maybe; start_scrimd_maybe; }
down() { stop scrimd; stop keyd; }
# A daemon that refuses its log ends at once: that is an answer too.
start_keyd_maybe() { TMPDIR=$W/tmp start keyd "$W/log/keyd.err" "$BIN/scrim-keyd" --config "$W/keyd.json" --demo; }
start_scrimd_maybe() { TMPDIR=$W/tmp start scrimd "$W/log/scrimd.err" "$BIN/scrimd" --config "$W/scrim.json"; }
save() { # FOLDER: all that both daemons keep, as it is now
	rm -rf "$1" && cp -a "$W/run" "$1"
}
back() { # FOLDER
	rm -rf "$W/run" && cp -a "$1" "$W/run"
}

world_up
TOKEN=$(world_curl shop -d '{"items":[{"class":"name","value":"Ann Example","subject":"c1"}]}' "$URL/v1/seal" | jq -r '.items[0].token')
for i in 1 2 3; do opens; done
await 10 eval '"$BIN/scrim" audit show --json --kind head | grep -q scrim/demo/keyd'
down
save "$W/old"
up
await 20 opens
for i in 1 2 3; do opens; done
sleep 1.5
down
save "$W/good"
HAVE_PYTHON=
python3 -c 'import cryptography' 2>/dev/null && HAVE_PYTHON=1
forge() { # FROM TO ORIGIN: without an opening, signed by the forger
	python3 "$PY" forge "$1" "$W/entries" "$3" '"kind":"reveal"' && "$TOOLS/log_writer" "$2" "$3" 7 <"$W/entries" >/dev/null
}
if [ -n "$HAVE_PYTHON" ]; then
	forge "$W/good/log" "$W/forged-log" demo/scrimd || bail "scrimd's log cannot be forged"
	forge "$W/good/keyd/log" "$W/forged-keyd" scrim/demo/keyd || bail "keyd's log cannot be forged"
else
	skip "forged logs" "python3-cryptography is not here"
fi

rolled_back() { rm -rf "$1" && cp -a "$2" "$1"; }
moved() { mv "$1" "$W/away.$RANDOM" && cp -a "$2" "$1"; }       # whoever has it open still has it
over() { cp -a --remove-destination "$2/." "$1/"; }              # file by file
forged() { rm -rf "$1" && cp -a "$3" "$1"; }
cut() { truncate -s -5 "$(find "$1/tile/entries" -type f | sort -V | tail -1)"; }
unsigned() { rm -f "$1/checkpoint"; }
stateless() { rm -f "$1/state"; }
each() { # HOW WHICH
	[ "$2" = keyd ] || "$1" "$G" "$W/old/log" "$W/forged-log"
	[ "$2" = scrimd ] || "$1" "$K" "$W/old/keyd/log" "$W/forged-keyd"
}
exchanged() { mv "$G" "$W/x" && mv "$K" "$G" && mv "$W/x" "$K"; }

WAYS="rolled_back moved over cut unsigned stateless"
[ -z "$HAVE_PYTHON" ] || WAYS+=" forged"
for when in down running; do
	for how in $WAYS exchanged; do
		for which in scrimd keyd both; do
			[ $how != exchanged ] || [ $which = both ] || continue
			[ $how$when != moveddown ] || continue # it is rolled_back
			back "$W/good"
			if [ $when = down ]; then
				if [ $how = exchanged ]; then exchanged; else each $how $which; fi
				up
			else
				up
				await 20 opens || { ok "it opens before" false; continue; }
				if [ $how = exchanged ]; then exchanged; else each $how $which; fi
			fi
			# what is removed in the moment between a daemon's look and its own writing is there again
			again=:
			[[ $when$how =~ ^running(unsigned|stateless)$ ]] && again="each $how $which"
			ok "$which ${how//_/ } while $when: nothing is opened any more" await 10 eval '! opens || { $again; false; }'
			ok "$which ${how//_/ } while $when: and so it stays" shut
			down
		done
	done
done
back "$W/good"
up
ok "with the files back all is well" await 20 opens
tap_done
