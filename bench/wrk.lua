-- Prints wrk's own counts as one line of JSON. Without arguments it defines no `request`, so wrk sends its prebuilt
-- one over and over. `pipelined <n>`: n of them in one write. `uniform <files> <seed>`: any of the bench's many
-- files, each as likely as any other; their names are those of workloads.ts. `every <files>`: each of them once.
function init(args)
  if args[1] == 'pipelined' then
    local batch = string.rep(wrk.format(), tonumber(args[2]))
    request = function() return batch end
  elseif args[1] == 'uniform' or args[1] == 'every' then
    local files, requests = tonumber(args[2]), {}
    for i = 0, files - 1 do
      requests[i] = wrk.format(nil, string.format('/many/%03d/%05d.jpg', math.floor(i / 1000), i))
    end
    if args[1] == 'uniform' then
      math.randomseed(tonumber(args[3]))
      request = function() return requests[math.random(0, files - 1)] end
    else
      local asked, answered = 0, 0
      request = function()
        asked = asked + 1
        return requests[(asked - 1) % files]
      end
      response = function()
        answered = answered + 1
        if answered >= files then wrk.thread:stop() end
      end
    end
  end
end

function done(summary, _latency, _requests)
  local errors = summary.errors
  io.write(string.format(
    'COUNTS {"requests":%d,"durationMicros":%d,"bytes":%d,"socketErrors":%d,"timeouts":%d,"errorStatuses":%d}\n',
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write, errors.timeout, errors.status))
end
