#!/bin/bash
# XML as real systems send it, sealed on its way to the upstream and restored on its way back: what
# no rule names stays to the byte, and what two parsers would read differently goes no further.
# timeout: 120
. "$(dirname "$0")/../lib/world.sh"

world_new
world_any_age
jq -n --arg peer "http://127.0.0.1:$PEER_PORT" '
	def rules($do): [ { at: "$..Phone", class: "phone", do: $do }, { at: "$..Telephone", class: "phone", do: $do },
		{ at: "$.Request.Body.Order[\u0027@d_tel\u0027]", class: "phone", do: $do },
		{ at: "$.Request.Body.Order[\u0027@d_contact\u0027]", class: "name", do: $do },
		{ at: "$.Request.Body.Order[\u0027@d_address\u0027]", class: "address", do: $do },
		{ at: "$..ShippingAddress.Name", class: "name", do: $do }, { at: "$..Order[*].BuyerUserID", class: "name", do: $do },
		{ at: "$.trade_fullinfo_get_response.trade.receiver_name", class: "name", do: $do },
		{ at: "$.salesOrder.items[*].item[*].street", class: "address", do: $do },
		{ at: "$..Invoice..RegistrationName", class: "name", do: $do }, { at: "$..Note", do: "scan" } ];
	{ upstream: $peer, purpose: "order_processing" } as $r |
	[ $r + { name: "shop", match: { path: "/xml" }, request: rules("seal"), undeclared: { found: "seal", named: "pass" } },
	  $r + { name: "back", match: { path: "/back" }, purpose: "delivery", response: rules("policy") },
	  $r + { name: "people", match: { path: "/people" },
		request: [ { at: "$.orders.order[*].phone", class: "phone", do: "seal", subject: "$.orders.order[*].buyer[\u0027@id\u0027]" } ] },
	  $r + { name: "shape", match: { path: "/shape" }, request: [ { at: "$.a.Phone.Number", class: "phone", do: "seal" } ] } ]' | world_routes -
start_peer orders order_system "$PEER_PORT" --answer-file "$W/reply" --heads "$W/heads"
world_up

posted() { # BODY [curl args]: the status; what the upstream has of it in $W/stored
	local body=$1
	shift
	rm -f "$W/reply" "$W/answer"
	: >"$W/heads"
	printf %s "$body" | world_curl order_system -o "$W/answer" -w '%{http_code}' -H "Content-Type: ${TYPE:-application/xml; charset=utf-8}" "$@" --data-binary @- "$URL${AT:-/xml}"
	sed 's/.*\t//' "$W/heads" | tr -d '\n' >"$W/stored"
}
answer() { # FILE: what the upstream answers
	{ printf 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n' "$(stat -c %s "$1")"; cat "$1"; } >"$W/reply.new"
	mv "$W/reply.new" "$W/reply"
}
back() { # what was stored, read through the gateway
	answer "$W/stored"
	world_curl order_system "$URL/back"
}
T='sct1-[A-Za-z0-9_-]+'
goes() { # WHAT BODY STORED [RESTORED]: a body of it, and the pattern of what is stored
	is "$1: taken" "$(posted "$2")" 201
	ok "$1: sealed, the rest to the byte" grep -qxE "$3" "$W/stored"
	is "$1: restored" "$(back)" "${4:-$2}"
}

goes "a document" '<?xml version="1.0" encoding="UTF-8"?><o><Phone>07700 900123</Phone><x a = "&lt;1&gt;" />  <y><![CDATA[<b>]]></y><!-- 7 --></o>' \
	"<\?xml version=\"1\.0\" encoding=\"UTF-8\"\?><o><Phone>$T</Phone><x a = \"&lt;1&gt;\" />  <y><!\[CDATA\[<b>\]\]></y><!-- 7 --></o>"
# SF Express, before it spoke JSON: all in attributes
goes "an order in attributes" "<Request service=\"OrderService\" lang=\"zh-CN\"><Head>SLKJ2019</Head><Body><Order orderid='XJFS_071100251' d_contact='示例' d_tel='07700 900123' d_address=\"1 High Street\" express_type='1'><Cargo name='phone'/></Order></Body></Request>" \
	"<Request service=\"OrderService\" lang=\"zh-CN\"><Head>SLKJ2019</Head><Body><Order orderid='XJFS_071100251' d_contact='$T' d_tel='$T' d_address=\"$T\" express_type='1'><Cargo name='phone'/></Order></Body></Request>"
# eBay's Trading API: a default namespace, and orders in a list
goes "a marketplace's orders" '<GetOrdersResponse xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>Success</Ack><OrderArray><Order><OrderID>1</OrderID><ShippingAddress><Name>Ann Example</Name><Phone>07700 900123</Phone></ShippingAddress><Total currencyID="GBP">1.50</Total><BuyerUserID>ann</BuyerUserID></Order><Order><BuyerUserID>bob</BuyerUserID></Order></OrderArray></GetOrdersResponse>' \
	"<GetOrdersResponse xmlns=\"urn:ebay:apis:eBLBaseComponents\"><Ack>Success</Ack><OrderArray><Order><OrderID>1</OrderID><ShippingAddress><Name>$T</Name><Phone>$T</Phone></ShippingAddress><Total currencyID=\"GBP\">1\.50</Total><BuyerUserID>$T</BuyerUserID></Order><Order><BuyerUserID>$T</BuyerUserID></Order></OrderArray></GetOrdersResponse>"
# Taobao TOP, format=xml
goes "an answer in Chinese" '<?xml version="1.0" encoding="utf-8" ?><trade_fullinfo_get_response><trade><receiver_name>示例</receiver_name><buyer_area>浙江</buyer_area></trade></trade_fullinfo_get_response><!--top011.cm4-->' \
	"<\?xml version=\"1\.0\" encoding=\"utf-8\" \?><trade_fullinfo_get_response><trade><receiver_name>$T</receiver_name><buyer_area>浙江</buyer_area></trade></trade_fullinfo_get_response><!--top011.cm4-->"
# SOAP: whatever prefixes, and types beside the values
goes "an envelope" '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><SOAP-ENV:Body><ns1:create xmlns:ns1="urn:Magento"><ns1:Telephone xsi:type="xsd:string">07700 900123</ns1:Telephone><fax xsi:nil="true"/></ns1:create></SOAP-ENV:Body></SOAP-ENV:Envelope>' \
	"<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"[^\"]*\" xmlns:xsi=\"[^\"]*\" xmlns:xsd=\"[^\"]*\"><SOAP-ENV:Body><ns1:create xmlns:ns1=\"urn:Magento\"><ns1:Telephone xsi:type=\"xsd:string\">$T</ns1:Telephone><fax xsi:nil=\"true\"/></ns1:create></SOAP-ENV:Body></SOAP-ENV:Envelope>"
goes "a shop's own, a list of one" '<salesOrder><items><item><street>1 High Street</street></item></items></salesOrder>' \
	"<salesOrder><items><item><street>$T</street></item></items></salesOrder>"
goes "an invoice" '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:cac" xmlns:cbc="urn:cbc"><cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity><cbc:RegistrationName>Ann Example</cbc:RegistrationName><cbc:CompanyID schemeID="0088">7300010000001</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty></Invoice>' \
	"<Invoice .*<cbc:RegistrationName>$T</cbc:RegistrationName><cbc:CompanyID schemeID=\"0088\">7300010000001</cbc:CompanyID>.*</Invoice>"
# a value is written as every parser reads it
goes "spelled otherwise" '<o><Phone>&#48;7700&#x20;900123</Phone><Phone><![CDATA[07700 900124]]></Phone><Phone a="b">07700 900125<i/></Phone></o>' \
	"<o><Phone>$T</Phone><Phone>$T</Phone><Phone a=\"$T\">$T<i/></Phone></o>" \
	'<o><Phone>07700 900123</Phone><Phone>07700 900124</Phone><Phone a="b">07700 900125<i/></Phone></o>'
goes "what has to be escaped" "<Request><Body><Order d_contact='O&apos;Ann &amp; &lt;Co> \"x\"' d_address='1 High&#10;Street	2'/></Body></Request>" \
	"<Request><Body><Order d_contact='$T' d_address='$T'/></Body></Request>" \
	"<Request><Body><Order d_contact='O&#39;Ann &amp; &lt;Co&gt; &quot;x&quot;' d_address='1 High&#10;Street 2'/></Body></Request>"
goes "in a text, and in a section of it" '<o><Note>call &lt;07700 900123&gt;</Note><Note><![CDATA[call <07700 900124> & 07700 900125]]></Note></o>' \
	"<o><Note>call &lt;$T&gt;</Note><Note><!\[CDATA\[call <\]\]>$T<!\[CDATA\[> & \]\]>$T</Note></o>" \
	'<o><Note>call &lt;07700 900123&gt;</Note><Note><![CDATA[call <]]>07700 900124<![CDATA[> & ]]>07700 900125</Note></o>'
is "what nobody declared: taken" "$(posted '<o><remark>07700 900123</remark><who mail="ann@example.com">x</who></o>')" 201
ok "what nobody declared: sealed" grep -qxE "<o><remark>$T</remark><who mail=\"$T\">x</who></o>" "$W/stored"
told() { "$BIN/scrim" drift --config "$W/scrim.json" --route shop --json | jq -e 'map(.place) | sort | unique == ["$.o.remark", "$.o.who.mail"]' >/dev/null; }
ok "where it stood is told" await 10 told
# whose they are, order by order
AT=/people
is "people in a list" "$(posted '<orders><order><buyer id="b-1"/><phone>07700 900123</phone></order><order><phone>07700 900124</phone><buyer id="b-2"/></order></orders>')" 201
ok "each is sealed" grep -qxE "<orders><order><buyer id=\"b-1\"/><phone>$T</phone></order><order><phone>$T</phone><buyer id=\"b-2\"/></order></orders>" "$W/stored"
AT=/shape
is "another shape than the rules describe" "$(posted '<a><Phone>07700900123</Phone></a>')$(jq -r .type "$W/answer")" 422urn:scrim:problem:unmatched-shape
AT=

refused() { # WHAT BODY OFFSET [curl args]
	local what=$1 body=$2 offset=$3
	shift 3
	is "$what" "$(posted "$body" "$@")" 400
	is "$what: where" "$(jq -c '[.type, .offset]' "$W/answer")" "[\"urn:scrim:problem:malformed-xml\",$offset]"
	no "$what: what stood there is not said" grep -q 0770 "$W/answer"
	is "$what: goes no further" "$(stat -c %s "$W/heads")" 0
}
refused "an entity" '<!DOCTYPE o [<!ENTITY p "07700900123">]><o><Phone>&p;</Phone></o>' 12
refused "one from elsewhere" '<!DOCTYPE o SYSTEM "http://127.0.0.1/07700"><o/>' 43
refused "a billion laughs" '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>' 12
refused "another encoding" '<?xml version="1.0" encoding="GBK"?><o><Phone>07700900123</Phone></o>' 0
refused "another version" '<?xml version="1.1"?><o><Phone>07700900123</Phone></o>' 0
refused "a text that a comment cuts" '<o><Phone>07700<!-- -->900123</Phone></o>' 23
refused "a prefix that nobody declared" '<o><s:Phone>07700900123</s:Phone></o>' 3
refused "JSON that says it is XML" '{"Phone":"07700900123"}' 0
refused "what does not end" '<o><Phone>07700900123</Phone>' 29
is "UTF-16" "$(posted "" --data-binary @<(printf '<o><Phone>07700900123</Phone></o>' | iconv -t UTF-16LE))$(jq -r .offset "$W/answer")" 4001
is "too deep" "$(posted "$(printf '<a>%.0s' {1..1030})$(printf '</a>%.0s' {1..1030})")" 400
is "another charset, in the field" "$(TYPE='text/xml; charset=gbk' posted '<o/>')" 415
is "a picture" "$(TYPE=image/svg+xml posted '<o/>')" 415
is "by any other name" "$(TYPE=application/vnd.shop.order+XML posted '<o><Phone>07700900123</Phone></o>')" 201
ok "sealed by that as well" grep -qxE "<o><Phone>$T</Phone></o>" "$W/stored"
printf '<o><Phone>1234' >"$W/stored"
ok "an answer that is none is withheld" eval 'back | jq -e ".type == \"urn:scrim:problem:body-withheld\" and .offset == 14" >/dev/null'
# what XML has no character for was sealed elsewhere
is "a control, from JSON" "$(TYPE=application/json posted '{"Phone":"07700\u0001900123"}')" 201
printf '<o><Phone>%s</Phone></o>' "$(jq -r .Phone "$W/stored")" >"$W/control"
mv "$W/control" "$W/stored"
is "cannot be written, and is left out" "$(back)" '<o><Phone></Phone></o>'
# what only speaks of namespaces
is "a remark that says xmlns" "$(posted "<o><c>my xmlns=' x</c><Phone>07700900123</Phone><!-- xmlns=\"$(printf 'x%.0s' {1..300}) --><d>it's $(printf 'y%.0s' {1..300})</d></o>")" 201
is "xml:phone is no markup" "$(posted '<o xml:phone="07700900124" xml:lang="en"/>')" 201
ok "and sealed" grep -qxE "<o xml:phone=\"$T\" xml:lang=\"en\"/>" "$W/stored"
no "no value stands in what the gateway wrote" grep -rqE '900123|High.Street' "$W/log" "$W/run"
tap_done
