import { defineConfig } from '../../lib/config/define-config.ts';

/** Your own Socket.IO code beside the chat, in the same deployment. */
export default defineConfig({
  name: 'causeway-custom-server',
  app: './server.ts',
});
