// How long a table of PAUSED (10,000) paused domains takes to be in its place, by the helper, on a real Postfix: compiled, and as a pattern table, which
// includes a reload; and how long Postfix then takes for a lookup.      make bench-pauses
import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pausing, Postfix, Postroom } from '../harness/index.mjs';

const PAUSED = Number(process.argv[2] ?? 10000);
const ROUNDS = 5;
const build = process.env.POSTROOM_BUILD ?? 'build';
// It starts a helper, which is found beside whoever starts it.
const program = join(build, 'postroom-pauses-bench');
copyFileSync(join(build, 'tests/bench/pauses_bench'), program);

async function measure(pattern) {
	const postfix = await Postfix.start();
	if (pattern) {
		writeFileSync(join(postfix.config, 'patterns'), '/@nobody\\.example$/ smtp:[127.0.0.1]:9\n');
		await postfix.set({ transport_maps: `regexp:${postfix.config}/patterns` });
	}
	const postroom = await Postroom.start(postfix);
	await Pausing.start(postroom);
	await postroom.stop();
	const times = Array.from({ length: ROUNDS }, (_, round) => Number(execFileSync(program, [postroom.configFile, String(PAUSED), String(round)])));
	const table = join(postfix.config, 'postroom-pauses', pattern ? 'transport.regexp' : 'transport');
	const before = process.hrtime.bigint();
	execFileSync('postmap', ['-c', postfix.config, '-q', '-', `${pattern ? 'regexp' : 'hash'}:${table}`], { input: Array.from({ length: 1000 }, (_, i) => `a@domain${i * 9}.r4.example\ndomain${i * 9}.r4.example\n`).join('') });
	const lookup = Number(process.hrtime.bigint() - before) / 1e6 / 2000;
	console.log(`${pattern ? 'pattern, with a reload' : 'compiled'}: ${PAUSED} domains in ${times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]} ms (median of ${times.join(', ')}); a lookup ${lookup.toFixed(3)} ms`);
	await postfix.stop();
}

await measure(false);
await measure(true);
process.exit(0);
