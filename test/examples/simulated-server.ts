/** A deployment of the native protocol in simulated time, on a wire that can be cut. */
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import { attest } from '../../lambdas/handlers/native/attestation.ts';
import { serveMessage } from '../../lambdas/handlers/native/message.ts';
import { nativeDialect } from '../../lambdas/wire/encode.ts';
import { createFakeGateway } from '../support/fakes/fake-gateway.ts';
import { wrapRemotePorts } from '../support/fakes/ports.ts';
import { createWorld, HOUR, identity, NOW, session } from '../support/fakes/world.ts';

const MINUTE = 60_000;
const DAY = 24 * HOUR;

const ATTESTED = attest({
  identity: identity('anna', { expiresAt: NOW + 9 * DAY }),
  sessionId: 's'.repeat(22) as never,
});

/** mulberry32: numbers below 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

interface Wire {
  readonly id: ConnectionId;
  /** Both ends are told. */
  cut(): void;
  /** Nobody is told: posts still succeed, and reach nobody. */
  goSilent(): void;
  deliver(frame: string): void;
  readonly isOpen: boolean;
}

/** A deployment of one instance whose every call takes up to `slowMs`, half of it before it takes effect. */
export function createServer(random: () => number, slowMs: number) {
  const wires = new Map<string, Wire>();
  const gateway = {
    ...createFakeGateway(),
    async post({ connectionId }: { connectionId: ConnectionId }, frame: string) {
      await pause(random() * slowMs);
      const wire = wires.get(connectionId);
      if (wire?.isOpen !== true) return 'gone' as const;
      wire.deliver(frame);
      return 'sent' as const;
    },
  };
  const world = createWorld({ dialects: { native: nativeDialect }, gateway });
  const slow = wrapRemotePorts({ ...world, pause }, async (call) => {
    if (call.name.startsWith('gateway')) return call.run();
    await pause((random() * slowMs) / 2);
    const answer = await call.run();
    await pause((random() * slowMs) / 2);
    return answer;
  });
  let requests = 0;
  let connections = 0;
  let isDown = false;

  class Socket {
    onopen = () => {};
    onclose = () => {};
    onmessage: (event: { data: string }) => void = () => {};
    onerror = () => {};
    #wire: Wire;
    #isOpen = false;
    #isSilent = false;
    #arrives = 0;

    constructor() {
      const id = `wire-${(connections += 1)}=` as ConnectionId;
      const isOpen = () => this.#isOpen;
      this.#wire = {
        id,
        cut: () => this.#end(),
        goSilent: () => {
          this.#isSilent = true;
          // API Gateway notices in the end.
          setTimeout(() => (this.#isOpen = false), random() * 10 * MINUTE);
        },
        deliver: (frame) => this.#inOrder(() => this.onmessage({ data: frame })),
        get isOpen() {
          return isOpen();
        },
      };
      void this.#open();
    }

    async #open(): Promise<void> {
      await pause(random() * 300);
      if (isDown) return this.onclose();
      const { id: connectionId } = this.#wire;
      await world.sessions.open({ ...session('anna'), connectionId }, Date.now() + 2 * HOUR);
      wires.set(connectionId, this.#wire);
      this.#isOpen = true;
      setTimeout(() => this.#end(), 2 * HOUR);
      this.onopen();
    }

    /** Frames of one connection arrive in order, after a while, unless it ends before. */
    #inOrder(act: () => void): void {
      this.#arrives = Math.max(this.#arrives, Date.now() + random() * 100);
      setTimeout(() => {
        if (this.#isOpen && !this.#isSilent) act();
      }, this.#arrives - Date.now());
    }

    send(frame: string): void {
      setTimeout(() => void this.#serve(frame), random() * 50);
    }

    async #serve(frame: string): Promise<void> {
      if (!this.#isOpen || this.#isSilent) return;
      const requestId = `frame-${(requests += 1)}`;
      const { id: connectionId } = this.#wire;
      const context = { connectionId, requestId, requestTimeEpoch: Date.now(), connectedAt: Date.now() };
      const requestContext = { ...context, routeKey: 'any', authorizer: ATTESTED };
      const { body } = await serveMessage(slow, { requestContext, body: frame });
      if (body !== undefined && this.#isOpen) this.#wire.deliver(body);
    }

    close(): void {
      this.#isOpen = false;
    }

    #end(): void {
      if (!this.#isOpen) return;
      this.#isOpen = false;
      if (!this.#isSilent) setTimeout(() => this.onclose(), random() * 1_000);
    }
  }

  const live = () => [...wires.values()].filter(({ isOpen }) => isOpen);
  return {
    world,
    slow,
    Socket,
    cut: () => live().forEach((wire) => wire.cut()),
    goSilent: () => live().forEach((wire) => wire.goSilent()),
    restart: (downMs: number) => {
      isDown = true;
      for (const wire of live()) wire.cut();
      setTimeout(() => (isDown = false), downMs);
    },
    nextRequest: () => `request-${(requests += 1)}`,
  };
}

export type Server = ReturnType<typeof createServer>;
