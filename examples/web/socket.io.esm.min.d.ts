/** The file itself is put beside the page when it is deployed: lib/constructs/site.ts. */
export { io } from 'socket.io-client';
