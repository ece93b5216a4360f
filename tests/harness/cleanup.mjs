// What a test file started is taken down whatever happens: after its last test, on a failed import, on
// Ctrl-C. Each test file calls nothing for this; starting a thing registers it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// For tests alone: a benchmark runs as long as it takes, and prints nothing but its table.
if (process.argv[1]?.endsWith('.test.mjs'))
	await import('./watchdog.mjs');

const pending = new Set();

// `stop` must be synchronous: it also runs in the 'exit' event. Returns a function that runs it once.
export function register(stop) {
	const once = () => {
		if (pending.delete(once))
			stop();
	};
	pending.add(once);
	return once;
}

// A new directory of its own; removed at the end. tools/test-run sets POSTROOM_TEST_TMP so that it can
// stop what a killed test file left behind.
export function temporaryDirectory(name) {
	const dir = mkdtempSync(join(process.env.POSTROOM_TEST_TMP ?? tmpdir(), `postroom-${name}-`));
	register(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
	return dir;
}

function stopAll() {
	for (const stop of [...pending].reverse()) {
		try {
			stop();
		} catch (error) {
			console.error(`cleanup: ${error.message}`);
		}
	}
}

process.on('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.once(signal, () => process.exit(1));
