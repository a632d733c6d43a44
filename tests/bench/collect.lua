-- collect.lua - batches of twenty events, each of its own id, as a page's library sends them:
-- some 500 bytes an event, of which most is dropped at the door.
local threads = 0
function setup(thread)
	thread:set("id", threads)
	threads = threads + 1
end

local per, n, made = 20, 0, os.time()
function init(args)
	wrk.method = "POST"
	wrk.path = "/v1/batch"
	wrk.headers["Content-Type"] = "text/plain"
	wrk.headers["Origin"] = "https://shop.example"
	wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	head = string.format('{"writeKey":"wk_web_0001","c":3,"sentAt":"%s","batch":[', os.date("!%Y-%m-%dT%H:%M:%S.000Z"))
	event = '{"type":"track","event":"%s","messageId":"b-%d-%d-%d","anonymousId":"dev-%d-%d","timestamp":"' .. os.date("!%Y-%m-%dT%H:%M:%S") .. '.%03dZ","i":%d,' ..
		'"properties":{"product_id":"sku-%d","category":"tea","price":"%d.50","path":"/p/%d","title":"A long title of a page that nobody keeps","url":"https://shop.example/p/1?utm=x"},' ..
		'"context":{"library":{"name":"collect","version":"1"},"page":{"path":"/p/1","referrer":"https://www.google.example/","title":"A title"},"locale":"en-GB","screen":{"width":1920,"height":1080}}}'
end

local kinds = { "Product Viewed", "Product Added", "Product Viewed", "Products Searched" }
function request()
	local v = {}
	for i = 1, per do
		n = n + 1
		v[i] = string.format(event, kinds[n % 4 + 1], made, id, n, id, math.floor(n / 40), n % 1000, n % 5 + 1, n % 5000, n % 300, n % 50)
	end
	return wrk.format(nil, nil, nil, head .. table.concat(v, ",") .. "]}")
end

-- p50 and p99 in microseconds, requests, those that were not answered well
function done(summary, latency)
	local e = summary.errors
	io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
		e.connect + e.read + e.write + e.status + e.timeout))
end
