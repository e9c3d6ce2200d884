import { EventEmitter } from 'node:events';

import type { Log } from '../../lambdas/ports/runtime.ts';

/**
 * What `io.engine` is: the little that socket.io asks of an engine (`connection` events and `close`), and for the
 * application the members of Engine.IO's server that it may look at.
 */
export class EngineStub extends EventEmitter {
  /** Connections of the whole deployment are in a table; this process has none. */
  readonly clientsCount = 0;
  readonly clients = {};
  readonly opts: Readonly<Record<string, unknown>>;
  private readonly log: Log;

  constructor(opts: Readonly<Record<string, unknown>>, log: Log) {
    super();
    this.opts = opts;
    this.log = log;
  }

  use(): void {
    this.log.warn(
      'io.engine.use() has no effect: HTTP requests are answered by API Gateway, not by this server',
    );
  }

  close(): this {
    return this;
  }
}
