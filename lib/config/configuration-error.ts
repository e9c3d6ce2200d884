/** The deployment configuration cannot be used. The message says where, and what was expected. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
