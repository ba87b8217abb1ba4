-- Prints wrk's own counts as one line of JSON. It defines `done` alone, so wrk still sends its prebuilt request.
function done(summary, _latency, _requests)
  local errors = summary.errors
  io.write(string.format(
    'COUNTS {"requests":%d,"durationMicros":%d,"bytes":%d,"socketErrors":%d,"timeouts":%d,"errorStatuses":%d}\n',
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write, errors.timeout, errors.status))
end
