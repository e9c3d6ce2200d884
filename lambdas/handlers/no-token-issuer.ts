import { CausewayError } from '../domain/errors.ts';
import type { TokenIssuer } from '../ports/security.ts';

/** Of a deployment that trusts external issuers only. POST /auth/* answers 404 there, so nothing asks it. */
export const noTokenIssuer: TokenIssuer = {
  issue: () => Promise.reject(new CausewayError('internal', 'The built-in issuer is off')),
};
