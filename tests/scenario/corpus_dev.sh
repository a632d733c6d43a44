#!/bin/bash
# Every declared field is replaced, nothing else is touched, and all of it comes
# back: on orders we make up, and on the larger shared corpus when it is there.
# timeout: 900
. "$(dirname "$0")/../lib/world.sh"

SHARED=$ROOT/../shared/data/orders/dev
COUNT=${CORPUS_COUNT:-1000}
RESTORE_ROLE=${RESTORE_ROLE:-privacy_officer}
RESTORE_PURPOSE=${RESTORE_PURPOSE:-audit}

forth() { # SHAPE INPUT NAME
	"$BIN/scrim" rewrite --config "$W/scrim.json" --route "$1" --key "$W/keys/order_system.key" \
		--purpose order_processing --hits "$W/corpus/$1/hits" --name "$3" <"$2" >"$W/corpus/$1/out"
}

back() { # SHAPE
	"$BIN/scrim" rewrite --config "$W/scrim.json" --route "$1" --restore --key "$W/keys/$RESTORE_ROLE.key" \
		--purpose "$RESTORE_PURPOSE" --reason "migration check" --ticket "T-100" \
		<"$W/corpus/$1/out" >"$W/corpus/$1/restored"
}

# One shape through `scrim rewrite`, back again, and both held against the truth.
round_trip() { # SHAPE INPUT TRUTH NAME PATHS
	local d=$W/corpus/$1
	mkdir -p "$d"
	ok "$4 goes through the route's rules" forth "$1" "$2" "$4"
	ok "$4 comes back by a restore under policy" back "$1"
	ok "$4: every declared value sealed, every other byte alike, everything restored" \
		"$TOOLS/check_rewrite" --in "$2" --out "$d/out" --hits "$d/hits" --restored "$d/restored" \
		--truth "$3" --name "$4" --paths "$5" --shape "$1"
}

world_new
world_restore_all
world_order_routes "http://127.0.0.1:$PEER_PORT" >"$W/routes.json"
world_routes "$W/routes.json"
world_up

for shape in taobao shopify waybill crm; do
	"$TOOLS/gen_orders" --shape $shape --count "$COUNT" --seed 11 --truth "$W/$shape.truth" >"$W/$shape.in"
	round_trip $shape "$W/$shape.in" "$W/$shape.truth" $shape "$ROOT/tests/data/paths.json"
done

# The checker must be able to say no: it is shown damage of each kind.
damaged() { # FILE SED-PROGRAM: the check of crm with that file damaged
	local d=$W/corpus/crm out=$W/corpus/crm/out restored=$W/corpus/crm/restored
	sed "$2" "$d/$1" >"$W/damaged"
	cmp -s "$d/$1" "$W/damaged" && return 0
	[ "$1" = out ] && out=$W/damaged || restored=$W/damaged
	"$TOOLS/check_rewrite" --in "$W/crm.in" --out "$out" --hits "$d/hits" --restored "$restored" --truth "$W/crm.truth" \
		--name crm --paths "$ROOT/tests/data/paths.json" --shape crm
}
no "the checker passes a changed byte outside the tokens" damaged out '3s/"gender": *"U"/"gender":"F"/'
no "the checker passes a value left in clear" damaged out '5s/"sct1-[0-9a-z]*"/"+447700900111"/'
no "the checker passes a restored value that differs" damaged restored '7s/+447700900/+447700901/'
world_down

if [ ! -r "$SHARED/truth.ndjson.gz" ]; then
	skip "the shared corpus of 14,000 orders" "../shared/data/orders/dev is not there"
	tap_done
	exit
fi
"$ROOT/tests/lib/routes_from_paths.sh" "$SHARED/paths.json" "http://127.0.0.1:$PEER_PORT" \
	"$(cat "$ROOT/tests/data/subjects.json")" | jq 'map(.undeclared = "pass")' >"$W/routes.json"
world_routes "$W/routes.json"
world_up
zcat "$SHARED/truth.ndjson.gz" >"$W/shared.truth"
for shape in taobao shopify waybill crm; do
	zcat "$SHARED/$shape.ndjson.gz" >"$W/$shape.in"
	round_trip $shape "$W/$shape.in" "$W/shared.truth" "dev/$shape.ndjson.gz" "$SHARED/paths.json"
done
if command -v python3 >/dev/null && [ -r "$SHARED/../../../tools/score.py" ]; then
	cat "$W"/corpus/*/hits >"$W/all.hits"
	for scope in field text; do
		python3 "$SHARED/../../../tools/score.py" "$SHARED/truth.ndjson.gz" "$W/all.hits" --scope $scope --json >"$W/score.$scope"
		jq -r --arg scope $scope '.types | to_entries[] | select(.value.n) |
			"# \($scope) \(.key): \(.value.found) of \(.value.n) covered, recall \(.value.recall), typed \(.value.typed_recall)"' "$W/score.$scope"
	done
	is "score.py: recall of declared fields is 1.000 for every type" \
		"$(jq '[.types[] | select(.n and .n > 0) | .recall] | min' "$W/score.field")" 1
else
	skip "score.py's own count" "python3 or the scoring tool is not there"
fi
tap_done
