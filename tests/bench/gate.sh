#!/bin/bash
# gate.sh - the instructions each path may cost, held against budget.txt.
#
# callgrind counts what scrimd's and scrim-keyd's event loops execute in our
# own objects: no library, no kernel, no other thread, so that neither a
# library's version nor the machine's load moves a figure. One curl on one
# connection sends the same order again and again; each path is run with few
# and with many requests, and the difference is divided by the difference of
# the counts, so that starting up does not count either. The same for three
# paths that need no daemon; of the tap, what it adds to an order on the worker's side.
# Of collecting there are three: what the worker does for a sealed order that is told to
# the tap (seal+collect), that and what the same loop does for analytics when it is
# answered (collect), and what the tap's thread does for it (tap-thread).
#
# Prints path, measured, budget and ratio; exit 1 when a path is more than 3 %
# over its budget, or when budget_rule.sh objects to how one was raised.
# UPDATE=1 writes the rows that are over, or more than 1 % under, anew.
# ONLY="seal keyd-seal" measures these. The profiles stay in build/gate.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lib/world.sh
. tests/bench/routes.sh

BUDGET=tests/bench/budget.txt
OUT=$ROOT/build/gate
PATHS="off seal restore keyd-seal keyd-open scan decision tap seal+collect collect tap-thread"
ONLY=${ONLY:-$PATHS}
FEW=200 MANY=2200
FEW_ROUNDS=20 MANY_ROUNDS=220
ROLE=order_system PURPOSE=delivery

die() { echo "gate: $*" >&2; exit 1; }
command -v valgrind >/dev/null || die "valgrind is missing (make deps-heavy)"
wanted() { case " $ONLY " in *" $1 "*) return 0 ;; esac; return 1; }

# A world needs some 70 MB of log; where memory holds it, no disk is waited for.
room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)
[ "${room:-0}" -lt 400000 ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm

CALLGRIND="--tool=callgrind --quiet --vgdb=no"
LOOPS="$CALLGRIND --toggle-collect=loop_run"
TAP_TURN=hand_out # what the tap's thread does with one body

# ---- a request through both daemons ------------------------------------------------
# Both daemons; of what they do only their loops count, from the first turn to the
# last. They are not asked whether they are ready: how often would count too.
start_counted() {
	# where they may write in any case
	mkdir -p "$W/run/log" "$W/run/keyd/log" "$W/run/spool"
	LD_PRELOAD=$TOOLS/gate_preload.so start keyd "$W/log/keyd.err" \
		valgrind $LOOPS --callgrind-out-file="$W/run/keyd/log/profile" "$BIN/scrim-keyd" --config "$W/keyd.json" --demo
	await 60 grep -q '"keyd.ready"' "$W/log/keyd.err" || die "scrim-keyd did not start: $(tail -3 "$W/log/keyd.err")"
	LD_PRELOAD=$TOOLS/gate_preload.so start scrimd "$W/log/scrimd.err" \
		valgrind $LOOPS --toggle-collect=$TAP_TURN --separate-threads=yes --callgrind-out-file="$W/run/log/profile" "$BIN/scrimd" --config "$W/scrim.json"
	await 60 grep -q '"keyc.ready"' "$W/log/scrimd.err" || die "scrimd did not start: $(tail -3 "$W/log/scrimd.err")"
	await 60 test -s "$W/run/log/keyd.seen" || die "keyd's log has shown no head"
	await 60 test -s "$W/run/log/checkpoint" || die "keyd has signed no head of the gateway's"
	sleep .3 # and is used from then on
}

end() { # NAME: its clock is slow, and so is its end
	kill -TERM "${PROC_PID[$1]}"
	await 60 eval '! alive '"$1"
}

# What curl says of itself is fixed: a head's bytes cost instructions.
send() { # URL N args...: an answer's status and new connections a line
	local url=$1 n=$2 i
	shift 2
	for ((i = 0; i < n; i++)); do printf 'url = "%s"\noutput = "/dev/null"\n' "$url"; done >"$W/tmp/urls"
	curl -s --max-time 300 -A gate -H 'Accept:' -H "Authorization: Bearer $(cat "$W/keys/$ROLE.key")" \
		-H "Scrim-Purpose: $PURPOSE" "$@" -w '%{http_code} %{num_connects}\n' -K "$W/tmp/urls"
}

# The same seal, and its orders are collected: number, buyer, total, lines, and the address as a
# tag. Of which route orders are wanted: the others' are told to the tap all the same.
collects() { # ROUTE
	cp tests/data/words.json "$W/words.json"
	jq --arg route "$1" '(.routes[] | select(.name == "seal" or .name == $route) | .request) |= (map(if .at == "$.receiver.address" then . + { tag: true } else . end)
			+ [ "$.orderId", "$.buyer.id", "$.total", "$.items[*].sku", "$.items[*].price" ] | map(if type == "string" then { at: ., "do": "collect" } else . end))
		| .collect = { feed: "unix:run/feed.sock", store: "sqlite:run/collect.db", spool: "run/spool", words: "words.json", purpose: "analytics", role: "collector",
			sites: [ { name: "erp", principal: "shop-1", events: "*", zone: "UTC", per_minute: 1000000 } ],
			orders: [ { route: $route, site: "erp", order: "$.orderId", customer: "$.buyer.id", total: "$.total", product: "$.items[*].sku", price: "$.items[*].price", address: "$.receiver.address" } ] }' \
		"$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
}

# Of scrimd's threads, those that did what is counted.
keep_threads() { # TO
	local f
	for f in $(grep -l '^fn=' "$W"/run/log/profile-*); do
		if grep -q "fn=.* $TAP_TURN\$" "$f"; then cp "$f" "$OUT/$1.tap.scrimd"; else cp "$f" "$OUT/$1.scrimd-${f##*-}"; fi
	done
}

# run_world WHAT N: in a world of its own; profiles to build/gate/WHAT.N.{scrimd,scrim-keyd}
run_world() {
	local what=$1 n=$2 post=(-H 'Content-Type: application/json' --data-binary "@$ORDER")
	world_new
	start_peer orders order_system "$PEER_PORT"
	bench_routes "http://127.0.0.1:$PEER_PORT" "$PURPOSE" '/tokens/*' >"$W/routes.json"
	world_routes "$W/routes.json"
	jq '.threads = 1' "$W/scrim.json" >"$W/one.json" && mv "$W/one.json" "$W/scrim.json"
	case $what in
	seal+collect) collects restore ;;
	collect) collects seal ;;
	esac
	keyd_init || die "keyd could not be initialised"
	start_counted
	# one person, known from here on, whose tokens are order 1
	[ "$(send "$PLAIN/seal" 1 "${post[@]}")" = "201 1" ] || die "an order was not sealed"
	[ "$(grep -o sct1- "$W/orders.ndjson" | wc -l)" = 6 ] || die "the six fields were not sealed"
	case $what in
	off | seal) send "$PLAIN/$what" "$n" "${post[@]}" ;;
	collect | seal+collect) send "$PLAIN/seal" "$n" "${post[@]}" ;;
	restore) send "$PLAIN/tokens/1" "$n" ;;
	esac | sort | uniq -c | sed 's/^ *//' >"$W/tmp/answers"
	case $(sed -n 1p "$W/tmp/answers") in
	"$((n - 1)) 20"[01]" 0") ;;
	*) die "$what: not every answer was good, or not on one connection: $(tr '\n' ';' <"$W/tmp/answers")" ;;
	esac
	world_curl $ROLE -H "Scrim-Purpose: $PURPOSE" "$PLAIN/tokens/1" | tr -d '\n ' | cmp -s - <(tr -d '\n ' <"$ORDER") ||
		die "the six tokens were not opened"
	end scrimd && end keyd || die "$what: a daemon did not end, so its profile is not whole"
	keep_threads "$what.$n" && cp "$W/run/keyd/log/profile" "$OUT/$what.$n.scrim-keyd" || die "no profile was written"
}

run_both() { # WHAT
	(run_world "$1" $FEW) & local few=$!
	(run_world "$1" $MANY) & local many=$!
	wait $few && wait $many
}

# ---- and what is left to do without them ---------------------------------------------
run_tool() { # scan|decision|untapped|tapped FILE FUNCTION: of which alone what it executes counts
	local r
	for r in $FEW_ROUNDS $MANY_ROUNDS; do
		valgrind $CALLGRIND ${3:+--toggle-collect=$3} --callgrind-out-file="$OUT/$1.$r.gate_paths" \
			"$BUILD/bench/gate_paths" "$1" $r "$2" >"$OUT/$1.things" || die "$1 failed"
	done
}

# figure PATH PROGRAM FEW MANY PER: (instructions of MANY - those of FEW) / PER
figure() {
	local few many
	few=$(awk -v OWN="/$2" -f tests/bench/own.awk "$OUT/$3.$2"*) && many=$(awk -v OWN="/$2" -f tests/bench/own.awk "$OUT/$4.$2"*) ||
		die "$1: no profile"
	[ "$few" -gt 0 ] && [ "$many" -gt "$few" ] || die "$1: nothing was counted; is what is watched still called so?"
	awk -v few="$few" -v many="$many" -v per="$5" 'BEGIN { printf "%.0f\n", (many - few) / per }'
}

added() { figure tap gate_paths "$1.$FEW_ROUNDS" "$1.$MANY_ROUNDS" $((MANY_ROUNDS - FEW_ROUNDS)); }

measure() { # PATH
	local things
	case $1 in
	off | seal | restore | seal+collect | collect) figure "$1" scrimd "$1.$FEW" "$1.$MANY" $((MANY - FEW)) ;;
	tap-thread) figure "$1" scrimd collect.$FEW.tap collect.$MANY.tap $((MANY - FEW)) ;;
	keyd-seal) figure "$1" scrim-keyd seal.$FEW seal.$MANY $((MANY - FEW)) ;;
	keyd-open) figure "$1" scrim-keyd restore.$FEW restore.$MANY $((MANY - FEW)) ;;
	scan) figure "$1" gate_paths scan.$FEW_ROUNDS scan.$MANY_ROUNDS $(((MANY_ROUNDS - FEW_ROUNDS) * $(cat "$OUT/scan.things"))) ;;
	decision) # a hundred of them, so that one instruction is less than a percent
		figure "$1" gate_paths decision.$FEW_ROUNDS decision.$MANY_ROUNDS \
			$(((MANY_ROUNDS - FEW_ROUNDS) * $(cat "$OUT/decision.things") / 100)) ;;
	tap) echo $(($(added tapped) - $(added untapped))) ;;
	esac
}

rm -rf "$OUT"
mkdir -p "$OUT"
wanted off && { run_both off || exit 1; }
if wanted seal || wanted keyd-seal; then run_both seal || exit 1; fi
if wanted restore || wanted keyd-open; then run_both restore || exit 1; fi
wanted seal+collect && { run_both seal+collect || exit 1; }
if wanted collect || wanted tap-thread; then run_both collect || exit 1; fi
wanted scan && run_tool scan tests/bench/orders.ndjson
wanted decision && run_tool decision policy/default.json
wanted tap && run_tool untapped "$ORDER" protect_document && run_tool tapped "$ORDER" protect_document

# ---- held against the budget ----------------------------------------------------------
taken=$(sed -n 's/^# taken with //p' $BUDGET 2>/dev/null)
compiler="gcc $(gcc -dumpfullversion)"
[ "${taken:-$compiler}" = "$compiler" ] || echo "budgets were taken with $taken, this is $compiler: some of the difference is the compiler's"
over=0
: >"$OUT/rows"
printf '%-12s %10s %10s %7s\n' path measured budget ratio
for path in $PATHS; do
	budget=$(awk -v p="$path" '$1 == p { print $2 }' $BUDGET 2>/dev/null)
	if wanted "$path"; then measured=$(measure "$path") || exit 1; else echo "$path $budget" >>"$OUT/rows"; continue; fi
	awk -v p="$path" -v m="$measured" -v b="${budget:-0}" -v rows="$OUT/rows" '
		BEGIN {
			r = b > 0 ? m / b : 0
			say = b == 0 ? "no budget yet" : r > 1.03 ? "OVER by more than 3 %" : r < 0.97 ? "under: its budget may be lowered" : ""
			printf("%-12s %10d %10s %7s  %s\n", p, m, (b > 0 ? b : "-"), (b > 0 ? sprintf("%.3f", r) : "-"), say)
			print p, (r <= 1.03 && r >= 0.99 ? b : m) >>rows
			exit (b == 0 || r > 1.03)
		}' || over=$((over + 1))
done
if [ -n "${UPDATE:-}" ]; then
	{ grep '^#' $BUDGET | grep -v '^# taken with '; echo "# taken with $compiler"; cat "$OUT/rows"; } >"$OUT/budget" &&
		cp "$OUT/budget" $BUDGET
	git diff --stat -- $BUDGET 2>/dev/null
	exit 0
fi
bash tests/bench/budget_rule.sh || exit 1
[ $over = 0 ] || die "$over paths cost more than they may; where: callgrind_annotate build/gate/PATH.$MANY.PROGRAM*"
