// Stands in for packages that the socket.io server loads but never uses in a function; see ../lean-server.ts. As `debug`
// and `cors` it is called while the server is made: it gives a function that does nothing.

function nothing() {
  return nothing;
}
nothing.default = nothing;
nothing.debug = nothing;

module.exports = nothing;
