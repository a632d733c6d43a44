-- orders.lua - wrk's requests: a few thousand different customers' orders, all
-- made before the clock starts. KEY, PURPOSE and MODE come from the environment.
local mode = os.getenv("MODE") or "post"
local headers = {
	["Authorization"] = "Bearer " .. (os.getenv("KEY") or "none"),
	["Scrim-Purpose"] = os.getenv("PURPOSE"),
}
local ready, at = {}, 0

local function order(i)
	return string.format(
		'{"orderId":%d%09d,"status":"WAIT_SELLER_SEND_GOODS","currency":"GBP","total":"%d.10",' ..
		'"buyer":{"id":"c-%06d","level":3},"receiver":{"name":"Maeve Fennimore %d",' ..
		'"mobile":"+4477009%05d","county":"Lower Saltland %d","address":"%d Saltmarsh Lane, Flat %d",' ..
		'"city":"Port Ellery","zip":"%05d"},"items":[{"sku":"KETTLE-%d","title":"Demonstration kettle",' ..
		'"qty":1,"price":39.90},{"sku":"CUP-%d","title":"Enamel cup, blue","qty":4,"price":7.250}],' ..
		'"remark":"leave it with the neighbour","created":"2026-11-21T10:%02d:%02dZ","source":"web",' ..
		'"parcel":{"weight":1.250,"length":30,"width":20,"height":12},"vip":false,"coupon":null,' ..
		'"note":"%s"}',
		7165, i, i % 900 + 10, i, i, i % 1000, i, i % 900 + 1, i % 40 + 1, i % 90000 + 10000,
		i % 500, i % 300, i % 60, i % 60, string.rep("x", 40))
end

function init()
	for i = 1, 4000 do
		if mode == "get" then
			ready[i] = wrk.format("GET", wrk.path, headers)
			if i == 1 then break end
		else
			headers["Content-Type"] = "application/json"
			ready[i] = wrk.format("POST", wrk.path, headers, order(i))
		end
	end
end

function request()
	at = at % #ready + 1
	return ready[at]
end
