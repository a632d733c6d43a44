#!/bin/bash
# scrim-queryd with a certificate: asked over https alone, by who trusts it, and scrim query says
# what to do where it is not.
. "$(dirname "$0")/../lib/query.sh"

query_world
publish weekly 1 100
grant ana
certificate() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout "$W/$1.key" -out "$W/$1.crt" \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null || bail "no certificate"
}
certificate tls
certificate other
jq '.listen.tls = { cert: "tls.crt", key: "tls.key" }' "$W/queryd.json" >"$W/new" && mv "$W/new" "$W/queryd.json"
plain=$Q
Q=${Q/http:/https:}
export CURL_CA_BUNDLE=$W/tls.crt
start_queryd
ok "it is ready" queryd_ready
is "a question over https is answered" "$(ask ana 'SELECT count(*) FROM sales'; jq -c .rows "$W/body")" '200[[100]]'
is "by TLS 1.2 at least" "$(curl -s -o /dev/null -w '%{http_code}' --tls-max 1.1 "$Q/healthz")" 000
is "on that port nothing is said in plain" "$(curl -s -w '%{http_code}' "$plain/healthz")" 000
is "nor to who does not know the certificate" "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$W/other.crt" "$Q/healthz")" 000
unset CURL_CA_BUNDLE

# query WANTED-CODE args...
query() {
	local want=$1 rc
	shift
	"$BIN/scrim" query --key "$W/ana.key" --format csv weekly 'SELECT count(*) FROM sales' "$@" >"$W/out" 2>"$W/err" </dev/null
	rc=$?
	[ $rc = "$want" ] || { echo "# exit code $rc, wanted $want"; sed 's/^/# /' "$W/err"; return 1; }
}
says() { grep -q -- "$1" "$W/err" || { sed 's/^/# /' "$W/err"; return 1; }; }
ok "scrim query asks with a CA" query 0 --server "$Q" --ca "$W/tls.crt"
is "and has its answer" "$(tr -d '\r' <"$W/out" | tail -1)" 100
ok "not without one" query 4 --server "$Q"
ok "and says what to give" says "not trusted: nothing was sent; give --ca FILE"
ok "nor with another" query 4 --server "$Q" --ca "$W/other.crt"
ok "which it says too" says "not trusted: nothing was sent; give --ca FILE"
ok "a CA that is no file is wrong usage" query 2 --server "$Q" --ca "$W/none.crt"
ok "and not queryd's fault" says "the file that --ca names cannot be read"
ok "plain http has no answer" query 3 --server "$plain"
ok "and the way is said" says "https://"
echo '{}' >"$W/scrim.json"
ok "beside the configuration its very certificate is known" query 0 --config "$W/scrim.json"
cp "$W/other.crt" "$W/tls.crt"
ok "another is not taken for it" query 4 --config "$W/scrim.json"
ok "and nothing is sent" says "does not show the certificate of the configuration: nothing was sent"
stop queryd
jq 'del(.listen.tls)' "$W/queryd.json" >"$W/new" && mv "$W/new" "$W/queryd.json"
Q=$plain
start_queryd
ok "https to one without a certificate" query 3 --server "${Q/http:/https:}"
ok "says so" says "http://"
stop queryd
jq '.listen.tls = { cert: "tls.crt", key: "tls.key" }' "$W/queryd.json" >"$W/new" && mv "$W/new" "$W/queryd.json"
no "with the key of another certificate it does not start" timeout 10 "$BIN/scrim-queryd" --config "$W/queryd.json" 2>"$W/err"
ok "and says which file" says "tls.key: "
tap_done
