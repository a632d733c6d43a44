# market.sh - a shop, what is published of it, and a server that answers as queryd does. Source
# it behind world.sh.
#
#	market_have			is there what plays the server?
#	market_shop args...		make_cube.py's: events of a made-up shop, or of a folder
#	market_release			its customers' RFM rows, as a view of k = 10
#	market_serve args...		the server (again): fake_queryd.py's
#	market_report DIR args...	the page into DIR; said: $W/tmp/said, $W/tmp/wrong

W=$(mktemp -d "${TMPDIR:-/tmp}/scrim-market.XXXXXX") || bail "no temporary folder"
mkdir -p "$W/tmp" "$W/log" "$W/shop"
MARKET_PID=
market_end() {
	[ -z "$MARKET_PID" ] || kill "$MARKET_PID" 2>/dev/null
	rm -rf "$W"
}
trap market_end EXIT
(umask 077 && echo mk_test_key_1 >"$W/key")

market_have() { python3 -c 'import sqlite3, http.server, ssl' 2>/dev/null; }
market_shop() { python3 "$ROOT/tests/market/make_cube.py" "$W/shop" "$@"; }
market_release() { "$TOOLS/release_rfm" "$W/shop/rfm.csv" "$W/shop/released.csv" 10 >"$W/tmp/released"; }

market_serve() {
	[ -z "$MARKET_PID" ] || kill "$MARKET_PID"
	: >"$W/tmp/port"
	python3 "$ROOT/tests/market/fake_queryd.py" "$W/shop" mk_test_key_1 "$@" >"$W/tmp/port" 2>"$W/tmp/server" &
	MARKET_PID=$!
	for _ in $(seq 100); do
		[ -s "$W/tmp/port" ] && break
		sleep 0.1
	done
}

market_report() {
	local out=$1
	shift
	local rc=0
	"$BIN/scrim-market" report --server "http://127.0.0.1:$(cat "$W/tmp/port")" --key "$W/key" --out "$out" "$@" >"$W/tmp/said" 2>"$W/tmp/wrong" || rc=$?
	cat "$W/tmp/wrong" >>"$W/log/market"
	return $rc
}
