// Stands in for engine.io inside the bundles; see ../lean-server.ts.

function refuse() {
  throw new Error(
    'There is no port to listen on in AWS Lambda: leave out attach() and listen(), the bridge serves the connections.',
  );
}

module.exports = { attach: refuse, listen: refuse, Server: refuse, uServer: refuse, protocol: 4 };
