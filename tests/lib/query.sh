# query.sh - scrim-queryd by itself: releases by tests' fake_publisher, grants, and asking.
#
#	query_world			$W with queryd.json, $Q where it listens
#	publish DATASET NUMBER ROWS [HOW]
#	grant NAME [options]		a key in $W/NAME.key; usually of "weekly", for analytics
#	start_queryd / queryd_ready
#	ask NAME SQL [curl options]	prints the status; the answer is in $W/body
#	shows FILTER			the last records of queryd's log match (jq, over {json})

. "$(dirname "${BASH_SOURCE[0]}")/world.sh"

query_world() {
	umask 077
	W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-test.XXXXXX") || bail "no temporary folder"
	trap world_end EXIT
	trap 'exit 130' INT TERM
	mkdir -p "$W/log" "$W/tmp" "$W/grants"
	free_port
	Q=http://127.0.0.1:$PORT
	jq -n --arg address "127.0.0.1:$PORT" --argjson limits "${QUERY_LIMITS:-{\}}" '{ tenant: "demo",
		listen: { address: $address }, views: "views", log: "run/queryd",
		grants: "grants/grants.json", log_vkey: "vkey", limits: $limits }' >"$W/queryd.json"
}

publish() {
	"$TOOLS/fake_publisher" "$W" "$@" || bail "nothing was published"
}

grant() { # NAME [options]
	local name=$1
	shift
	case " $* " in *" --dataset "*) ;; *) set -- "$@" --dataset weekly ;; esac
	case " $* " in *" --purposes "*) ;; *) set -- "$@" --purposes analytics ;; esac
	case " $* " in *" --until "*) ;; *) set -- "$@" --until 2099-01-01T00:00:00Z ;; esac
	"$BIN/scrim" views grant "$name" "$@" --grants "$W/grants/grants.json" \
		--config "$W/none.json" --key-out "$W/$name.key"
}

start_queryd() { # [environment]
	TMPDIR=$W/tmp start queryd "$W/log/queryd.err" env "$@" "$BIN/scrim-queryd" --config "$W/queryd.json"
	await 20 curl -sf -o /dev/null "$Q/healthz" || { tail -5 "$W/log/queryd.err"; bail "queryd does not answer"; }
}
queryd_says() { curl -s --max-time 5 "$Q/readyz" | jq -e "$1" >/dev/null; }
queryd_ready() { queryd_says .ready; }

post_query() { # NAME JSON [curl options]
	local name=$1 body=$2
	shift 2
	curl -s -o "$W/body" -w '%{http_code}' -H "Authorization: Bearer $(cat "$W/$name.key")" \
		-H 'Content-Type: application/json' -d "$body" "$@" "$Q/v1/query"
}
ask() { # NAME SQL [curl options]
	local name=$1 sql=$2
	shift 2
	post_query "$name" "$(jq -n --arg sql "$sql" '{ dataset: "weekly", sql: $sql }')" "$@"
}
problem() { jq -e --arg t "urn:scrim:problem:$1" '.type == $t' "$W/body" >/dev/null; }
records() { "$BIN/scrim" audit show --log "$W/run/queryd" --json --config "$W/none.json"; }
shows() { records | jq -es "$1" >/dev/null; }
