/** What a placeholder of a document stands for. */
export interface Facts {
  /** http address of the server. */
  readonly origin: string;
  readonly token: string;
  /** A room that whoever runs the sample is a participant of. */
  readonly room: string;
  /** A message in it. */
  readonly message: string;
}

export interface Substitution {
  /** As it stands in the documents. */
  readonly written: string;
  readonly fact: keyof Facts;
  /** What takes its place; `$` is the fact. Default: the fact alone. */
  readonly as?: string;
}

/** Everything in which the code that runs differs from the code of the documents. Nothing else is touched. */
export const SUBSTITUTIONS: readonly Substitution[] = [
  // Host and port.
  { written: 'https://api.fama.fkor.us', fact: 'origin' },
  { written: 'https://backend-url', fact: 'origin' },
  { written: 'http://localhost:3000', fact: 'origin' },
  { written: 'http://localhost:5000', fact: 'origin' },
  // Tokens. `localStorage.getItem(…)` stays: the page's storage has the token.
  { written: '<ACCESS_TOKEN>', fact: 'token' },
  { written: 'YOUR_JWT_ACCESS_TOKEN', fact: 'token' },
  { written: 'your-jwt-token', fact: 'token' },
  { written: 'votre-token-jwt', fact: 'token' },
  { written: 'JWT_TOKEN', fact: 'token' },
  // Ids of a room and of a message that must be there.
  { written: "chatId: 'uuid'", fact: 'room', as: "chatId: '$'" },
  { written: "chatId: 'chat-uuid'", fact: 'room', as: "chatId: '$'" },
  { written: 'ROOM_MONGODB_ID', fact: 'room' },
  { written: 'ROOM_ID', fact: 'room' },
  { written: "roomId: '123'", fact: 'room', as: "roomId: '$'" },
  { written: "messageId: 'uuid'", fact: 'message', as: "messageId: '$'" },
  { written: "'message-id'", fact: 'message', as: "'$'" },
];

/** The code that runs. */
export function substitute(code: string, facts: Facts): string {
  let text = code;
  for (const { written, fact, as = '$' } of SUBSTITUTIONS)
    text = text.replaceAll(written, () => as.replace('$', () => facts[fact]));
  return text;
}
