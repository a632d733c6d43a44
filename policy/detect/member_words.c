/*
 * member_words.c - the words that names of members are made of, and the signs of scripts without
 * spaces. A few languages are read: English throughout; Chinese with its pinyin; the commonest
 * words of Spanish, Portuguese, German, French, Italian, Dutch, Polish, Indonesian and Japanese.
 */
#include "policy/detect/member_words.h"

#include "policy/words/class.h"
#include "policy/detect/member.h"

#include <string.h>

#define C(text, class) \
	{ \
		text, WORD_CLASS, CLASS_##class, MEMBER_UNTOLD, 0, 0 \
	}
/* only of a person */
#define IF(text, class) \
	{ \
		text, WORD_CLASS, CLASS_##class, MEMBER_UNTOLD, 1, 0 \
	}
#define OF(text, of) \
	{ \
		text, WORD_OF, CLASS_NONE, MEMBER_##of, 0, 0 \
	}
/* a text in its place is the person's name */
#define WHO(text, of) \
	{ \
		text, WORD_OF, CLASS_NONE, MEMBER_##of, 0, 1 \
	}
#define NOT(text) \
	{ \
		text, WORD_NOT, CLASS_NONE, MEMBER_UNTOLD, 0, 0 \
	}
#define SAME(text, of) \
	{ \
		text, WORD_SAME, CLASS_NONE, MEMBER_##of, 0, 0 \
	}

/* Ascending. */
/* clang-format off */
static const struct member_word words[] = {
	C("aadhaar", RESIDENT_ID), NOT("accepts"), OF("account", PERSON),
	WHO("accountholder", PLACE), C("accountno", BANK_CARD), C("accountnumber", BANK_CARD),
	C("acctno", BANK_CARD), C("achternaam", NAME), OF("action", THING),
	SAME("additional", UNTOLD), C("addr", ADDRESS), C("address", ADDRESS),
	WHO("addressee", PLACE), C("addresses", ADDRESS), C("addressline", ADDRESS),
	C("addrs", ADDRESS), C("adr", ADDRESS), C("adres", ADDRESS), C("adresse", ADDRESS),
	OF("agent", PERSON), C("alamat", ADDRESS), OF("album", THING), NOT("allow"),
	SAME("alt", UNTOLD), SAME("alternate", UNTOLD), SAME("alternative", UNTOLD),
	NOT("amount"), C("apartment", ADDRESS), C("apellido", NAME), C("apellidop", NAME),
	C("apellidos", NAME), OF("api", THING), OF("app", THING), OF("applicant", PERSON),
	OF("application", THING), C("apt", ADDRESS), IF("area", REGION), OF("article", THING),
	OF("artist", THING), NOT("at"), NOT("attempts"), OF("attendee", PERSON),
	WHO("attention", PLACE), WHO("attn", PLACE), OF("attribute", THING),
	OF("attributes", THING), SAME("backup", UNTOLD), C("bairro", ADDRESS), OF("bank", THING),
	C("bankaccount", BANK_CARD), C("bankcard", BANK_CARD), C("bankcardno", BANK_CARD),
	OF("beneficiary", PERSON), C("bic", IBAN), OF("bill", PLACE), OF("billing", PLACE),
	NOT("bin"), C("birth", DOB), C("birthdate", DOB), C("birthday", DOB), C("birthyear", DOB),
	IF("block", ADDRESS), OF("book", THING), WHO("bookedby", PLACE), C("born", DOB),
	C("borough", REGION), OF("borrower", PERSON), NOT("bounce"), OF("branch", SHOP),
	OF("brand", THING), OF("brandowner", SHOP), OF("browser", THING), C("browserip", IP),
	IF("building", ADDRESS), OF("bundle", THING), OF("business", SHOP), OF("buyer", PERSON),
	OF("buyerinfo", PERSON), OF("buyers", PERSON), C("calle", ADDRESS), OF("campaign", THING),
	NOT("can"), C("cardholder", NAME), C("cardname", NAME), C("cardno", BANK_CARD),
	C("cardnumber", BANK_CARD), WHO("cardowner", PLACE), OF("cargo", THING),
	OF("cargodetails", THING), OF("cargos", THING), C("carno", LICENSE_PLATE),
	OF("carrier", SHOP), OF("carriername", THING), OF("categories", THING), NOT("category"),
	WHO("ccowner", PLACE), C("cell", PHONE), C("cellphone", PHONE), C("cellular", PHONE),
	C("cellulare", PHONE), C("celular", PHONE), C("cep", POSTCODE), IF("certno", RESIDENT_ID),
	OF("channel", THING), OF("charge", THING), C("chengshi", REGION),
	C("chepai", LICENSE_PLATE), C("chepaihao", LICENSE_PLATE), C("cidade", REGION),
	C("cities", REGION), C("citizenid", RESIDENT_ID), C("citta", REGION), C("city", REGION),
	C("ciudad", REGION), NOT("class"), OF("classname", THING), OF("client", PERSON),
	C("clientip", IP), OF("clients", PERSON), SAME("cn", UNTOLD), NOT("code"), NOT("codes"),
	C("codicefiscale", RESIDENT_ID), C("codigopostal", POSTCODE), C("cognome", NAME),
	C("colonia", ADDRESS), OF("color", THING), OF("colour", THING), OF("column", THING),
	OF("companies", SHOP), OF("company", SHOP), IF("complement", ADDRESS),
	C("complemento", ADDRESS), OF("config", THING), NOT("confirmation"), NOT("confirmed"),
	NOT("consent"), WHO("consignee", PLACE), OF("consigneeinfo", PLACE),
	WHO("consignees", PLACE), OF("consignor", PLACE), WHO("contact", PLACE),
	OF("contactinfo", PLACE), WHO("contactname", PLACE), C("contactno", PHONE),
	C("contactnumber", PHONE), WHO("contactperson", PLACE), WHO("contacts", PLACE),
	SAME("content", UNTOLD), C("coordinate", GEO), C("coordinates", GEO), OF("corp", SHOP),
	C("correo", EMAIL), NOT("count"), OF("countries", THING), NOT("country"),
	C("county", REGION), OF("coupon", THING), WHO("courier", PLACE), C("courriel", EMAIL),
	OF("course", THING), C("cpf", RESIDENT_ID), NOT("created"),
	C("credentialno", RESIDENT_ID), C("creditcard", BANK_CARD), C("cuil", RESIDENT_ID),
	C("cuit", RESIDENT_ID), C("curp", RESIDENT_ID), OF("currencies", THING), NOT("currency"),
	SAME("current", UNTOLD), OF("customer", PERSON), OF("customers", PERSON),
	SAME("data", UNTOLD), NOT("date"), C("dateofbirth", DOB), C("debitcard", BANK_CARD),
	SAME("default", UNTOLD), OF("delivery", PLACE), OF("deliveryman", PERSON),
	IF("departamento", REGION), OF("department", THING), OF("depot", SHOP), OF("dest", PLACE),
	WHO("destinatario", PLACE), OF("destination", PLACE), IF("detail", ADDRESS),
	IF("details", ADDRESS), OF("device", THING), C("dianhua", PHONE), NOT("digest"),
	SAME("digits", UNTOLD), C("direccion", ADDRESS), OF("discount", THING),
	C("district", REGION), C("dizhi", ADDRESS), C("dni", RESIDENT_ID), C("dob", DOB),
	IF("documentno", RESIDENT_ID), IF("documentnumber", RESIDENT_ID), NOT("domain"),
	C("domicilio", ADDRESS), OF("donor", PERSON), C("doorno", ADDRESS),
	C("doorplate", ADDRESS), OF("driver", PERSON), SAME("e164", UNTOLD), C("eamil", EMAIL),
	C("email", EMAIL), C("emailaddress", EMAIL), C("emailid", EMAIL), C("emails", EMAIL),
	OF("emergency", PERSON), OF("employee", PERSON), SAME("en", UNTOLD), NOT("enabled"),
	NOT("enc"), NOT("encrypted"), C("endereco", ADDRESS), SAME("english", UNTOLD),
	OF("enterprise", SHOP), NOT("error"), IF("estado", REGION), OF("event", THING),
	OF("events", THING), NOT("expiration"), NOT("expired"), NOT("expires"), NOT("expiry"),
	OF("express", SHOP), NOT("ext"), NOT("extension"), C("exteriornumber", ADDRESS),
	SAME("extra", UNTOLD), OF("facility", SHOP), OF("factory", SHOP), WHO("fajianren", PLACE),
	SAME("family", PERSON), C("familyname", NAME), C("fax", PHONE), OF("feature", THING),
	OF("fee", THING), OF("field", THING), OF("file", THING), OF("filename", THING),
	OF("files", THING), OF("film", THING), IF("fio", NAME), SAME("first", PERSON),
	C("firstname", NAME), NOT("flag"), IF("flat", ADDRESS), IF("floor", ADDRESS),
	C("fname", NAME), C("forename", NAME), NOT("format"), SAME("formatted", UNTOLD),
	OF("fulfillment", THING), OF("fulfillments", THING), SAME("full", UNTOLD),
	C("fulladdress", ADDRESS), C("fullname", NAME), OF("function", THING),
	C("furigana", NAME), OF("gateway", THING), C("geburtsdatum", DOB), NOT("geocoded"),
	C("geolocation", GEO), C("geopoint", GEO), OF("giftcard", THING), SAME("given", PERSON),
	C("givenname", NAME), OF("good", THING), OF("goods", THING), NOT("group"),
	OF("guest", PERSON), OF("guests", PERSON), C("handphone", PHONE), C("handy", PHONE),
	C("handynummer", PHONE), SAME("hao", UNTOLD), SAME("haoma", UNTOLD), NOT("has"),
	NOT("hash"), C("hausnummer", ADDRESS), NOT("hidden"), WHO("holder", PLACE),
	OF("home", PLACE), OF("host", THING), OF("hostname", THING), OF("hotel", SHOP),
	IF("house", ADDRESS), C("housenumber", ADDRESS), OF("hub", SHOP),
	C("huisnummer", ADDRESS), C("hukou", PASSPORT), C("huzhao", PASSPORT), C("iban", IBAN),
	NOT("id"), C("idcard", RESIDENT_ID), C("idcardno", RESIDENT_ID),
	C("idcardnumber", RESIDENT_ID), IF("identification", RESIDENT_ID),
	C("identitycard", RESIDENT_ID), IF("identityno", RESIDENT_ID), IF("idno", RESIDENT_ID),
	IF("idnumber", RESIDENT_ID), NOT("ids"), OF("image", THING), OF("images", THING),
	C("imie", NAME), NOT("index"), C("indirizzo", ADDRESS), C("indoornumber", ADDRESS),
	SAME("info", UNTOLD), C("initials", NAME), OF("insured", PERSON),
	SAME("international", UNTOLD), OF("invoice", PLACE), C("ip", IP), C("ipaddr", IP),
	C("ipaddress", IP), C("ipv4", IP), C("ipv6", IP), NOT("is"), OF("issuer", SHOP),
	OF("item", THING), OF("items", THING), C("itin", RESIDENT_ID), WHO("jijianren", PLACE),
	OF("job", THING), C("kahao", BANK_CARD), C("kana", NAME), SAME("kanji", UNTOLD),
	C("kecamatan", REGION), C("kelurahan", REGION), C("kennitala", RESIDENT_ID), NOT("key"),
	C("kodepos", POSTCODE), C("kota", REGION), NOT("label"), NOT("labels"),
	C("landline", PHONE), C("landmark", ADDRESS), NOT("language"), SAME("last", PERSON),
	NOT("last4"), C("lastname", NAME), C("lat", GEO), NOT("latency"), NOT("latencyms"),
	SAME("latin", UNTOLD), C("latitude", GEO), C("latlng", GEO), C("latlong", GEO),
	NOT("length"), WHO("lianxiren", PLACE), OF("licensee", SHOP),
	C("licenseplate", LICENSE_PLATE), NOT("limit"), IF("line", ADDRESS),
	OF("lineitems", THING), IF("lines", ADDRESS), NOT("link"), WHO("linkman", PLACE),
	C("lname", NAME), C("lng", GEO), C("lnglat", GEO), SAME("local", UNTOLD),
	OF("locale", THING), C("locality", REGION), OF("location", SHOP), OF("locations", SHOP),
	OF("logistics", SHOP), C("logradouro", ADDRESS), C("lon", GEO), C("longitude", GEO),
	NOT("lookup"), OF("macaddress", THING), C("maidenname", NAME), C("mail", EMAIL),
	C("mailaddress", EMAIL), C("mailbox", EMAIL), C("mailid", EMAIL), OF("mailing", PLACE),
	C("mails", EMAIL), SAME("main", UNTOLD), OF("manufacturer", SHOP), NOT("marketing"),
	NOT("masked"), OF("material", THING), NOT("md"), NOT("md5"), OF("member", PERSON),
	OF("members", PERSON), OF("merchant", SHOP), OF("merchants", SHOP), NOT("message"),
	OF("metafield", THING), OF("metafields", THING), NOT("method"), OF("methods", THING),
	OF("metric", THING), C("miasto", REGION), SAME("middle", PERSON), C("middlename", NAME),
	C("mname", NAME), C("mob", PHONE), C("mobile", PHONE), C("mobileno", PHONE),
	C("mobilephone", PHONE), C("mobiles", PHONE), NOT("mode"), OF("model", THING),
	OF("module", THING), OF("movie", THING), C("movil", PHONE), C("msisdn", PHONE),
	C("municipality", REGION), C("nachname", NAME), C("nacimiento", DOB), IF("name", NAME),
	C("nameoncard", NAME), IF("names", NAME), C("nascimento", DOB), OF("nation", THING),
	SAME("national", UNTOLD), C("nationalid", RESIDENT_ID), SAME("native", UNTOLD),
	C("nazwisko", NAME), C("neighborhood", ADDRESS), C("neighbourhood", ADDRESS),
	SAME("new", UNTOLD), C("nick", NAME), C("nickname", NAME), C("nif", RESIDENT_ID),
	IF("nm", NAME), SAME("no", UNTOLD), OF("node", THING), C("nohp", PHONE),
	C("nombre", NAME), C("nome", NAME), SAME("normalized", UNTOLD), NOT("notification"),
	NOT("notifications"), C("nric", RESIDENT_ID), SAME("num", UNTOLD), SAME("number", UNTOLD),
	C("numberplate", LICENSE_PLATE), SAME("numbers", UNTOLD), IF("numero", ADDRESS),
	OF("office", SHOP), SAME("old", UNTOLD), C("openid", WECHAT), NOT("opt"), NOT("optin"),
	OF("option", THING), OF("options", THING), WHO("orderedby", PLACE),
	OF("ordering", PERSON), OF("org", SHOP), OF("organisation", SHOP),
	OF("organization", SHOP), SAME("orig", UNTOLD), OF("origin", SHOP),
	SAME("original", UNTOLD), IF("ort", REGION), OF("os", THING), SAME("other", UNTOLD),
	C("outdoornumber", ADDRESS), OF("outlet", SHOP), OF("owner", PERSON),
	OF("package", THING), OF("packaging", THING), OF("page", THING), C("pan", BANK_CARD),
	OF("param", THING), OF("parcel", THING), OF("parcels", THING), OF("passenger", PERSON),
	C("passport", PASSPORT), C("passportno", PASSPORT), OF("patient", PERSON),
	OF("pay", THING), OF("payee", PERSON), OF("payer", PERSON), OF("payment", THING),
	OF("people", PERSON), NOT("permission"), OF("person", PERSON), SAME("personal", UNTOLD),
	C("personnummer", RESIDENT_ID), OF("persons", PERSON), C("pesel", RESIDENT_ID),
	C("phone", PHONE), C("phoneno", PHONE), C("phonenum", PHONE), C("phones", PHONE),
	OF("pickup", PLACE), C("pincode", POSTCODE), WHO("placedby", PLACE),
	SAME("plain", UNTOLD), OF("plan", THING), C("plate", LICENSE_PLATE),
	C("plateno", LICENSE_PLATE), C("platenumber", LICENSE_PLATE), OF("platform", THING),
	OF("platforminfo", SHOP), OF("plugin", THING), C("plz", POSTCODE), C("portable", PHONE),
	OF("position", THING), C("postal", POSTCODE), C("postalcode", POSTCODE),
	C("postcode", POSTCODE), C("postleitzahl", POSTCODE), C("prefecture", REGION),
	NOT("preference"), NOT("prefix"), C("premise", ADDRESS), C("prenom", NAME), NOT("price"),
	SAME("primary", UNTOLD), SAME("private", UNTOLD), OF("process", THING),
	OF("product", THING), OF("products", THING), OF("profile", PERSON), OF("project", THING),
	OF("promotion", THING), OF("property", THING), NOT("provider"), C("province", REGION),
	C("provincia", REGION), C("provinsi", REGION), OF("purchaser", PERSON), C("qq", QQ),
	C("qqno", QQ), C("qqnumber", QQ), NOT("qty"), NOT("quantity"), OF("queue", THING),
	C("quxian", REGION), NOT("rank"), NOT("rate"), SAME("raw", UNTOLD), SAME("real", PERSON),
	C("realname", NAME), WHO("receiver", PLACE), OF("receiverinfo", PLACE),
	WHO("receivers", PLACE), WHO("recipient", PLACE), WHO("recipients", PLACE), NOT("ref"),
	NOT("reference"), OF("refund", THING), C("region", REGION), OF("registrant", PERSON),
	C("remoteaddr", IP), C("remoteip", IP), OF("report", THING), WHO("requestedby", PLACE),
	NOT("required"), OF("residence", PLACE), OF("residential", PLACE), OF("restaurant", SHOP),
	NOT("retries"), OF("rider", PERSON), OF("role", THING), IF("room", ADDRESS),
	C("rua", ADDRESS), OF("rule", THING), OF("schema", THING), NOT("scope"), NOT("score"),
	OF("sdk", THING), SAME("second", UNTOLD), SAME("secondary", UNTOLD), OF("seller", SHOP),
	OF("sellers", SHOP), OF("sender", PLACE), OF("senders", PLACE), NOT("sending"),
	NOT("sent"), OF("server", THING), NOT("service"), OF("services", THING),
	OF("setting", THING), NOT("settings"), NOT("sha256"), NOT("sharing"),
	C("shenfenzheng", RESIDENT_ID), C("shengfen", REGION), C("shengri", DOB),
	OF("ship", PLACE), OF("shipper", PLACE), OF("shipping", PLACE), OF("shippingline", THING),
	OF("shop", SHOP), OF("shopinfo", SHOP), OF("shopper", PERSON), OF("shops", SHOP),
	WHO("shouhuoren", PLACE), C("shouji", PHONE), WHO("shoujianren", PLACE),
	C("shoujihao", PHONE), OF("signatory", PERSON), OF("signer", PERSON),
	C("sin", RESIDENT_ID), OF("size", THING), OF("sku", THING), OF("skus", THING),
	C("sobrenome", NAME), C("socialsecurity", RESIDENT_ID), OF("song", THING), NOT("sort"),
	NOT("source"), C("ssn", RESIDENT_ID), C("stadt", REGION), OF("staff", PERSON),
	IF("state", REGION), OF("station", SHOP), NOT("status"), OF("store", SHOP),
	OF("storeinfo", SHOP), OF("stores", SHOP), SAME("str", UNTOLD), C("straat", ADDRESS),
	C("strasse", ADDRESS), C("street", ADDRESS), C("streetaddress", ADDRESS),
	C("streets", ADDRESS), SAME("string", UNTOLD), OF("student", PERSON),
	IF("subdivision", REGION), NOT("subscribed"), OF("subscriber", PERSON),
	C("suburb", REGION), NOT("suffix"), IF("suite", ADDRESS), OF("supplier", SHOP),
	OF("suppliers", SHOP), C("surname", NAME), OF("table", THING), NOT("tag"),
	OF("tags", THING), OF("task", THING), NOT("tax"), OF("taxes", THING),
	C("taxvat", RESIDENT_ID), OF("team", THING), C("tel", PHONE), C("telefon", PHONE),
	C("telefone", PHONE), C("telefonnummer", PHONE), C("telefono", PHONE),
	C("telephone", PHONE), C("telephones", PHONE), C("telno", PHONE), C("tels", PHONE),
	NOT("template"), OF("tenant", PERSON), OF("test", THING), SAME("text", UNTOLD),
	OF("theme", THING), SAME("third", UNTOLD), C("thoroughfare", ADDRESS),
	OF("thread", THING), NOT("time"), NOT("timezone"), NOT("token"), OF("topic", THING),
	NOT("total"), C("town", REGION), C("township", REGION), OF("transaction", THING),
	NOT("type"), NOT("types"), C("ulica", ADDRESS), C("uname", NAME), C("unionid", WECHAT),
	IF("unit", ADDRESS), OF("unitname", THING), C("unitno", ADDRESS), NOT("updated"),
	NOT("uri"), NOT("url"), NOT("usage"), OF("user", PERSON), C("userip", IP),
	C("username", NAME), OF("username2", THING), OF("users", PERSON), SAME("val", UNTOLD),
	NOT("valid"), NOT("validated"), SAME("value", UNTOLD), SAME("values", UNTOLD),
	OF("variant", THING), OF("variantname", THING), OF("variants", THING),
	C("vehicleno", LICENSE_PLATE), C("vehiclenumber", LICENSE_PLATE), OF("vendor", SHOP),
	OF("vendors", SHOP), OF("venue", SHOP), NOT("verification"), NOT("verified"),
	NOT("version"), C("ville", REGION), NOT("visible"), OF("visitor", PERSON),
	C("voornaam", NAME), C("vorname", NAME), OF("walletaddress", THING),
	OF("warehouse", SHOP), OF("waybill", THING), OF("webaddress", THING), C("wechat", WECHAT),
	C("wechatid", WECHAT), C("weixin", WECHAT), C("whatsapp", PHONE), C("woonplaats", REGION),
	SAME("work", UNTOLD), C("wxid", WECHAT), C("xingming", NAME), C("youbian", POSTCODE),
	C("youxiang", EMAIL), SAME("zh", UNTOLD), C("zip", POSTCODE), C("zipcode", POSTCODE),
	OF("zipfile", THING), C("zippostal", POSTCODE), NOT("zone"),
};
/* clang-format on */

#define N_WORDS (sizeof(words) / sizeof(words[0]))

/* The first of WORDS[FROM, TO), alike in AT letters, whose next is not below C. */
static size_t first_from(size_t from, size_t to, size_t at, uint8_t c)
{
	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if ((uint8_t)words[mid].text[at] < c)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

size_t member_words_at(const uint8_t *p, size_t n, const struct member_word *by_length[])
{
	size_t from = 0, to = N_WORDS, longest = 0;

	for (size_t i = 0; i < n && i + 1 < MEMBER_WORD_MAX; i++) {
		from = first_from(from, to, i, p[i]);
		to = first_from(from, to, i, (uint8_t)(p[i] + 1));
		if (from == to)
			break;
		by_length[i + 1] = words[from].text[i + 1] == '\0' ? &words[from] : NULL;
		longest = i + 1;
	}
	return longest;
}

/* ---- signs ------------------------------------------------------------------------------- */

/* clang-format off */
const struct member_sign member_signs[] = {
	C("パスポート", PASSPORT), C("电子邮箱", EMAIL),
	C("电子邮件", EMAIL), C("電子郵件", EMAIL), C("邮件地址", EMAIL),
	C("邮政编码", POSTCODE), C("郵遞區號", POSTCODE),
	C("郵便番号", POSTCODE), C("联系方式", PHONE), C("聯絡方式", PHONE),
	C("银行账号", BANK_CARD), C("生年月日", DOB), C("都道府県", REGION),
	C("市区町村", REGION), C("メール", EMAIL), C("身份证", RESIDENT_ID),
	C("身分證", RESIDENT_ID), C("证件号", RESIDENT_ID),
	C("银行卡", BANK_CARD), C("经纬度", GEO), C("お名前", NAME),
	C("所在地", REGION), WHO("收货人", PLACE), WHO("收貨人", PLACE),
	WHO("收件人", PLACE), WHO("寄件人", PLACE), WHO("发件人", PLACE),
	WHO("发货人", PLACE), WHO("联系人", PLACE), WHO("聯絡人", PLACE),
	WHO("持卡人", PLACE), WHO("取件人", PLACE), WHO("提货人", PLACE),
	WHO("付款人", PLACE), OF("お客様", PERSON), C("邮箱", EMAIL),
	C("郵箱", EMAIL), C("信箱", EMAIL), C("邮编", POSTCODE),
	C("手机", PHONE), C("手機", PHONE), C("电话", PHONE),
	C("電話", PHONE), C("座机", PHONE), C("传真", PHONE),
	C("携帯", PHONE), C("护照", PASSPORT), C("護照", PASSPORT),
	C("卡号", BANK_CARD), C("车牌", LICENSE_PLATE), C("微信", WECHAT),
	C("生日", DOB), C("出生", DOB), C("经度", GEO), C("纬度", GEO),
	C("坐标", GEO), C("姓名", NAME), C("氏名", NAME), C("名字", NAME),
	C("昵称", NAME), C("暱稱", NAME), C("称呼", NAME), C("名前", NAME),
	IF("名称", NAME), IF("名稱", NAME), C("门牌", ADDRESS),
	C("街道", ADDRESS), C("住址", ADDRESS), C("住所", ADDRESS),
	C("地址", ADDRESS), C("省份", REGION), C("城市", REGION),
	C("区县", REGION), C("省市", REGION), OF("买家", PERSON),
	OF("買家", PERSON), OF("客户", PERSON), OF("顾客", PERSON),
	OF("用户", PERSON), OF("会员", PERSON), OF("收货", PLACE),
	OF("收件", PLACE), OF("商品", THING), OF("产品", THING),
	OF("规格", THING), OF("分类", THING), OF("品牌", THING),
	OF("活动", THING), OF("店铺", SHOP), OF("商家", SHOP),
	OF("卖家", SHOP), OF("公司", SHOP), OF("仓库", SHOP),
	OF("门店", SHOP), OF("物流", SHOP), OF("快递", SHOP),
	NOT("类型"), NOT("状态"), NOT("数量"), NOT("时间"),
	NOT("验证"), C("QQ", QQ),
	{ .text = NULL },
};
/* clang-format on */
