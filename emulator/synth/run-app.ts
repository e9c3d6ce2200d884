import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** Runs the app command in a shell, with the project's own tools first in PATH. Rejects with what it printed. */
export function runApp(
  command: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<void> {
  const PATH = [join(cwd, 'node_modules', '.bin'), env['PATH'] ?? ''].join(delimiter);
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      cwd,
      env: { ...env, PATH },
      shell: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            `"${command}" (the app command of cdk.json) ended with ${signal ?? `exit code ${code}`}:\n${output.trim()}`,
          ),
        );
    });
  });
}
