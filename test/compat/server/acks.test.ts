import type { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';

import { byText, createSocketIoWorld, socketIdOf, type FakeClient } from '../../support/socketio-world.ts';

const app = (io: Server) => {
  io.on('connection', (socket) => {
    socket.on('ask me', async () => {
      const answer: unknown = await socket.emitWithAck('question', 1);
      socket.emit('answered', answer);
    });
    socket.on('call me', () => {
      socket.emit('question', 1, async (...answer: unknown[]) => {
        await Promise.resolve();
        socket.emit('answered', ...answer);
      });
    });
    socket.on('ask me soon', async () => {
      const answer: unknown = await socket
        .timeout(30)
        .emitWithAck('question')
        .catch((error: Error) => error.message);
      socket.emit('answered', answer);
    });
    socket.on('ask all', async (timeout: number) => {
      try {
        const answers: unknown[] = await io.timeout(timeout).emitWithAck('question');
        socket.emit('answered', answers.toSorted(byText));
      } catch (error) {
        socket.emit('failed', (error as { responses: unknown[] }).responses);
      }
    });
    socket.on('ask one', async (id: string) => {
      const [remote] = await io.in(id).fetchSockets();
      socket.emit('answered', await remote!.timeout(1_000).emitWithAck('question'));
    });
    socket.on('ask nobody', async () => {
      socket.emit('answered', await io.to('nobody').timeout(1_000).emitWithAck('question'));
    });
  });
};

/** The ack id of the question a client was asked. */
async function question(client: FakeClient): Promise<string> {
  for (;;) {
    const packet = client.inbox.find((packet) => /^4[25]\d.*"question"/.test(packet));
    if (packet !== undefined) {
      client.inbox.splice(client.inbox.indexOf(packet), 1);
      return /^4[25](?:\d+-)?(\d+)\[/.exec(packet)![1]!;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('an acknowledgement of the client', () => {
  it.each(['ask me', 'call me'])(
    'reaches the invocation that waits for it (%s), from another instance',
    async (how) => {
      const world = createSocketIoWorld(app);
      const client = await world.connect();

      const running = client.send(`2["${how}"]`);
      const id = await question(client);
      await client.through(world.instance(app)).send(`3${id}["yes"]`);
      await running;

      expect(client.take()).toEqual(['42["answered","yes"]']);
      expect(Number(id)).toBeLessThan(2 ** 31);
    },
  );

  it('may hold binary', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();

    const running = client.send('2["ask me"]');
    const id = await question(client);
    await client.send({ text: `61-${id}[{"_placeholder":true,"num":0}]`, attachments: [Buffer.from('hi')] });
    await running;

    expect(client.take()).toEqual(['451-["answered",{"_placeholder":true,"num":0}]', 'baGk=']);
  });

  it('counts once, and only from who was asked', async () => {
    const world = createSocketIoWorld(app);
    const [client, other] = [await world.connect(), await world.connect()];

    const running = client.send('2["ask me"]');
    const id = await question(client);
    await other.send(`3${id}["forged"]`);
    await client.send(`3${id}["yes"]`, `3${id}["no"]`);
    await running;

    expect(client.take()).toEqual(['42["answered","yes"]']);
  });

  it('that does not come in time is an error', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();

    await client.send('2["ask me soon"]');

    expect(client.take().at(-1)).toBe('42["answered","operation has timed out"]');
  });

  it('nobody waits for is ignored', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();

    await client.send('3123["what"]');

    expect(client.take()).toEqual([]);
    expect(client.closed).toBeUndefined();
  });

  // Java keeps it in an int.
  it('has an id that clients can count with: below 2^31', async () => {
    const world = createSocketIoWorld(app, { limits: { deadlineMs: 10 } });
    const client = await world.connect();
    for (let run = 0; run < 10; run += 1) {
      await client.send('2["ask me"]');
      expect(Number(await question(client))).toBeLessThan(2 ** 31);
    }
  });

  it('has an id that no other question of the deployment has', async () => {
    const world = createSocketIoWorld(app, { limits: { deadlineMs: 30 } });
    const client = await world.connect();
    const ids = new Set<string>();
    for (let run = 0; run < 5; run += 1) {
      await client.send('2["ask me"]');
      ids.add(await question(client));
    }

    expect(ids.size).toBe(5);
  });
});

describe('a broadcast with acknowledgements', () => {
  it('collects one answer from every client, the own one among them', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = [await world.connect(), await world.connect()];

    const running = ada.send('2["ask all",1000]');
    await ada.send(`3${await question(ada)}["ada"]`);
    await ben.send(`3${await question(ben)}["ben"]`);
    await running;

    expect(ada.take()).toEqual(['42["answered",["ada","ben"]]']);
  });

  it('fails with what came when somebody does not answer in time', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = [await world.connect(), await world.connect()];

    const running = ada.send('2["ask all",120]');
    await ben.send(`3${await question(ben)}["ben"]`);
    await running;

    expect(ada.take().at(-1)).toBe('42["failed",["ben"]]');
  });

  it('does not wait for clients that are gone', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = [await world.connect(), await world.connect()];
    ben.vanish();

    const running = ada.send('2["ask all",5000]');
    await ada.send(`3${await question(ada)}["ada"]`);
    await running;

    expect(ada.take()).toEqual(['42["answered",["ada"]]']);
  });

  it('to nobody is answered by nobody', async () => {
    const world = createSocketIoWorld(app);
    const ada = await world.connect();

    await ada.send('2["ask nobody"]');

    expect(ada.take()).toEqual(['42["answered",[]]']);
  });

  it('to one remote socket gives its one answer', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = [await world.connect(), await world.connect()];

    const running = ada.send(`2["ask one","${await socketIdOf(ben)}"]`);
    await ben.send(`3${await question(ben)}["ben"]`);
    await running;

    expect(ada.take()).toEqual(['42["answered","ben"]']);
  });
});

describe('a client that polls', () => {
  it('cannot answer while its request is handled, which does not wait to the end', async () => {
    const world = createSocketIoWorld(app, { limits: { callbackMs: 20 } });
    const client = await world.open({ transport: 'polling' });
    await client.send('0');

    await client.send('2["ask me"]');

    expect(client.take().at(-1)).toContain('"question"');
    expect(world.log.at('error')).toEqual(['Handlers were still working when the invocation had to end']);
  });
});
