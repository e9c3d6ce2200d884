import cf from 'cloudfront';

// CloudFront Function, runtime 2.0, on every request for /socket.io: plain JavaScript, at most 10 KB, no network, no
// clock (AWS "JavaScript runtime 2.0 features for CloudFront Functions"). Put into the template as it is.
//
// A stock client sends polling and upgrade to one path of one host; API Gateway wants two hosts. Only the query tells
// them apart: Upgrade and Connection are hidden from functions (AWS "Restrictions on edge functions").

// Id of the origin in lib/constructs/edge.ts; its path is the stage.
const WEBSOCKET_ORIGIN = 'socketio';

// oxlint-disable-next-line no-unused-vars -- CloudFront calls it by this name
function handler(event) {
  const request = event.request;
  // Of a repeated key `value` is the first value (AWS "CloudFront Functions event structure"). Whatever the functions behind
  // take for its value: one that does not fit the API it was sent to is refused there.
  const transport = request.querystring.transport;
  if (transport && transport.value === 'websocket') {
    cf.selectRequestOriginById(WEBSOCKET_ORIGIN);
    // A WebSocket API knows no path below its stage: anything longer is 403.
    request.uri = '/';
  } else if (request.uri === '/socket.io') {
    // `addTrailingSlash: false` of the client; behind this, there is one spelling.
    request.uri = '/socket.io/';
  }
  return request;
}
