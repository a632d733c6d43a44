#!/bin/bash
# A machine that was off for long, and one whose clock was ahead: what an operator says of the clock holds.
. "$(dirname "$0")/../lib/world.sh"

world_new
clock_new
echo '[]' | world_routes -
world_up

asked() { # ROLE PURPOSE OP WHAT args...
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role "$1" \
		--purpose "$2" --keys "$W/keys" --op "$3" "${@:5}" "$4"
}
seal() { # WHO
	printf '%s\tAnn Example\n' "$1" | asked shop order_processing write seal --class name | cut -d' ' -f3
}
opens() { [ "$(asked order_system delivery read open <"$W/$1" | grep -c '^ok reveal')" = 1 ]; }
says() { asked order_system delivery read open <"$W/$1"; }
answers() { says old >/dev/null 2>&1; }
believe() { LD_PRELOAD=$TOOLS/testclock.so "$BIN/scrim-keyd" --config "$W/keyd.json" --demo --believe-clock 2>>"$W/log/tool"; }

seal old >"$W/old"
ok "who was sealed for is reached" opens old
stop keyd
clock_ahead 70
start_keyd
ok "keyd is there again, ten weeks later" await 10 answers
seal new >"$W/new"
no "who is new is not reached" opens new
no "nor is who was there" opens old
ok "keyd says that it doubts the clock" await 10 grep -q keyd.clock_doubted "$W/log/keyd.err"

stop keyd
ok "an operator says that it is right" eval 'believe | grep -q believed'
start_keyd
ok "keyd is there again" await 10 answers
seal new >/dev/null
ok "who is new is reached" await 20 opens new
no "who was there ten weeks ago is not" opens old
ok "keyd's log tells of it" grep -rqa 'clock.believe' "$W/run/keyd/log"

# ahead for weeks, and nobody saw it
clock_ahead 140
clock_runs 140
sleep 2.5
seal ahead >"$W/ahead"
ok "who was sealed for in weeks to come is reached" opens ahead
stop keyd
clock_ahead 70
ok "the clock is put right, and said to be" believe
start_keyd
ok "keyd is there again" await 10 answers
ok "they are as young as anybody" opens ahead
clock_ahead 119
clock_runs 189
sleep 2.5
no "and no younger" opens ahead
tap_done
