# statements.sh - callers' statements that a gateway was given and did not use. Source it after
# attack.sh or world.sh; W is there, and the role's key was made by world_signer.
#
#	statement_world			a world with ten sealed ids in $W/tokens, one a line
#	statement_taken FILE [TOKENS]	fraud signs for TOKENS and sends it; the gateway keeps it
#	as_fraud args...		asks keyd for them, as the gateway; tokens on standard input

statement_world() {
	world_new
	world_signer fraud
	jq -n '[]' | world_routes -
	world_up
	jq -nc '{items:[range(10)|{class:"resident_id",value:"11010119900307\(.+1000)",subject:"c\(.)"}]}' |
		world_curl shop --data-binary @- "$URL/v1/seal" | jq -r '.items[].token' >"$W/tokens"
	is "there are ids to open" "$(grep -c '^sct1-' "$W/tokens")" 10
	head -5 "$W/tokens" >"$W/few"
	tail -5 "$W/tokens" >"$W/others"
	# a gateway that keeps what it is given
	start taker "$W/log/taker.err" python3 -c '
import http.server, sys
class Taker(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        open(sys.argv[2], "w").write(self.headers["Scrim-Signature"])
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Taker).serve_forever()' "$PEER_PORT" "$W/taken"
	await 10 port_open "$PEER_PORT" || bail "nobody takes statements"
}

statement_taken() {
	rm -f "$W/taken"
	"$BIN/scrim" reveal --server "http://127.0.0.1:$PEER_PORT" --key "$W/keys/fraud.key" --sign "${SIGNER:-$W/keys/fraud.sign}" \
		--purpose fraud_investigation --ticket T-17 <"${2:-$W/few}" >/dev/null 2>&1
	mv "$W/taken" "$1" || bail "no statement was taken"
}

as_fraud() {
	"$TOOLS/hacked_gateway" --socket "$W/run/keyd.sock" --policy "$W/policy.json" --role fraud \
		--purpose fraud_investigation --keys "$W/keys" --ticket T-17 "$@" open
}
opened() { grep -c '^ok reveal 1101' <<<"$1"; }
opens() { # TOKENS args...: the gateway sees one of them
	[ "$(opened "$(as_fraud "${@:2}" <"$1")")" != 0 ]
}
