/** Chat's Socket.IO side, public door: what functions without the Server compose, and the Server's own functions too. */
export { createAudience, type AudienceDeps } from './create-audience.ts';
export { createDelivery, type Deliver } from './delivery.ts';
export { createEmit, type Emission, type Emit, type EmitSummary } from './emit.ts';
export { offsetOf } from './offset.ts';
export { createSocketMail } from './socket-mail.ts';
export { vocabulariesOf } from '../dialects/vocabularies.ts';
