import { ConfigurationError } from '../lib/config/configuration-error.ts';
import { createApp } from '../lib/create-app.ts';

try {
  (await createApp()).synth();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  // Whoever wrote the configuration needs the message, not our stack.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
