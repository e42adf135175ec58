-- For wrk: requests from a file, a line each ("GET /path", "POST /path BODY"): FILE, at random, or
-- FILE FIRST N, so many from a line on and each once. Then "figures requests errors p50 p99", in
-- microseconds.
local requests, last, answered = {}, nil, 0

local function stop_after_all()
	answered = answered + 1
	if answered == #requests then
		wrk.thread:stop()
	end
end

function init(args)
	local first, n = tonumber(args[2] or 1), tonumber(args[3] or math.huge)
	local at = 0
	wrk.headers["content-type"] = "application/json"
	for line in io.lines(args[1]) do
		at = at + 1
		if at >= first and at < first + n then
			local method, path, body = line:match("^(%u+) (%S+) ?(.*)$")
			requests[#requests + 1] = wrk.format(method, path, nil, body ~= "" and body or nil)
		end
	end
	if args[3] then
		last, response = 0, stop_after_all
	end
	math.randomseed(#requests)
end

function request()
	if last == nil then
		return requests[math.random(#requests)]
	end
	-- wrk makes a request that it does not send, to look at it.
	last = last % #requests + 1
	return requests[last]
end

function done(summary, latency)
	local e = summary.errors
	print(string.format("figures %d %d %.0f %.0f", summary.requests,
		e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50),
		latency:percentile(99)))
end
