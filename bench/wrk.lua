-- For `wrk -s wrk.lua URL -- FILE SEED`: sends the whole requests of the file (requests.ts) at random, and prints what it measured as JSON.

local requests = {}

function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
  math.randomseed(tonumber(args[2]))
end

function request()
  return requests[math.random(#requests)]
end

-- Times are microseconds.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"bytes":%d,"duration":%d,"p50":%d,"p90":%d,"p99":%d,"max":%d,"failed":%d,"refused":%d}\n',
    summary.requests, summary.bytes, summary.duration,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
