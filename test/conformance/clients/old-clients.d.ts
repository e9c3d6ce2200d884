/** The `exports` of these old releases hide their types; what is used of them the newest one has, too. */
declare module 'socket.io-client-3.1' {
  export { io } from 'socket.io-client';
}
declare module 'socket.io-client-4.0' {
  export { io } from 'socket.io-client';
}
