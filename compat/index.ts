/** The Socket.IO bridge's public door: what the handlers compose. */
export { application } from './application.ts';
export { createAttention } from './chat/attention.ts';
export { createChat } from './chat/create-chat.ts';
export { dismissExpired, dismissIdle } from './chat/dismiss.ts';
export type { ChatDeps } from './chat/deps.ts';
export { vocabulariesOf } from './dialects/vocabularies.ts';
export { createBridge } from './engine/bridge.ts';
export type { BridgeDeps } from './engine/deps.ts';
export { createRuntime } from './server/create-runtime.ts';
export type { Bridge, BridgeOptions, PollRequest, PollResponse, UpgradeRequest } from './types.ts';
