// A server of somebody else's that a test starts in the foreground, in a process group of its own: it ends with all that it started.
import { spawn } from 'node:child_process';
import { register } from './cleanup.mjs';
import { until } from './wait.mjs';

// `options` as spawn takes them. Gives what ends it, once `answers()` is true; throws when it ends before
// that, with what it said.
export async function startDaemon(name, [program, ...args], options, answers) {
	const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
	let log = '';
	let gone = null;
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (data) => { log += data; });
		stream.unref?.();
	}
	child.unref();
	child.once('error', (error) => { gone = error.message; });
	child.once('exit', (code) => { gone ??= `it ended with ${code}`; });
	const stop = register(() => {
		try {
			process.kill(-child.pid, 'SIGKILL');
		} catch (error) {
			if (error.code !== 'ESRCH')
				throw error;
		}
	});
	await until(`${name} to answer`, () => {
		if (gone)
			throw Object.assign(new Error(`${name}: ${gone}\n${log}`), { final: true });
		return answers();
	});
	return stop;
}
