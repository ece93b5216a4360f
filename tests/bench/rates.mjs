// What counting the log costs: the parts of it in one process (rates_bench.c), and the whole log reader beside a server, on a log that grows by 5,000
// lines a second.      node tests/bench/rates.mjs [SECONDS]
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Postfix, Postroom, until } from '../harness/index.mjs';
import { anonymous, cpuMs, sleep } from './measure.mjs';

const LINES_A_SECOND = 5000;
const TIMES_A_SECOND = 10;
const LENGTH = Number(process.argv[2] ?? 60);
const build = process.env.POSTROOM_BUILD ?? 'build';

// One message of nine lines, as rates_bench.c makes them.
function message(n, at) {
	const id = `4${n.toString(16).toUpperCase().padStart(9, '0')}`;
	const sender = n % 3 === 0 ? `user${n}@shop.example` : `user${n % 2000}@shop.example`;
	const say = (program, text) => `${at} mail postfix/${program}[1]: ${text}\n`;
	const attempt = (i) => {
		const deferred = (n + i) % 4 === 0;
		return say('smtp', `${id}: to=<name${n % 500}@domain${(n * 7 + i) % 100000}.example>, relay=mx.domain${(n * 7 + i) % 100000}.example[198.51.100.7]:25, delay=1.2, delays=0.1/0/0.5/0.6, ` +
			`dsn=${deferred ? '4' : '2'}.2.0, status=${deferred ? 'deferred (host mx.domain.example[198.51.100.7] said: 450 4.2.0 Greylisted (in reply to RCPT TO command))' : 'sent (250 2.0.0 Ok: queued as 4XYZ)'}`);
	};
	return say('smtpd', `${id}: client=pc${n % 200}.example[192.0.2.${n % 200}], sasl_method=PLAIN, sasl_username=login${n % 2000}@shop.example`) +
		say('cleanup', `${id}: message-id=<${n}@shop.example>`) + say('qmgr', `${id}: from=<${sender}>, size=1000, nrcpt=2 (queue active)`) +
		attempt(0) + attempt(1) + say('qmgr', `${id}: removed`) + say('smtpd', `connect from pc${n % 200}.example[192.0.2.1]`) +
		say('smtpd', 'disconnect from pc.example[192.0.2.1] ehlo=1 auth=1 mail=1 rcpt=2 data=1 quit=1 commands=7') + say('anvil', 'statistics: max cache size 1');
}

process.stdout.write(execFileSync(join(build, 'tests/bench/rates_bench'), ['10']));
const postfix = await Postfix.start();
const log = join(postfix.dir, 'bench.log');
writeFileSync(log, '', { mode: 0o644 });
const fd = openSync(log, 'a');
const postroom = await Postroom.start(postfix, { set: { 'postfix.log': log } });
const [pid] = await until('the log reader', () => postroom.pids('logreader').length > 0 && postroom.pids('logreader'));
const [server] = postroom.pids('server');
await sleep(3000);
const before = [cpuMs(pid), cpuMs(server), Date.now()];
let n = 0;
let most = 0;
while (Date.now() - before[2] < LENGTH * 1000) {
	const wanted = Math.floor((Date.now() - before[2]) / 1000 * LINES_A_SECOND / 9);
	const at = `${new Date().toISOString().slice(0, 19)}Z`;
	let text = '';
	for (; n < wanted; n++)
		text += message(n, at);
	writeSync(fd, text);
	most = Math.max(most, anonymous(pid));
	await sleep(1000 / TIMES_A_SECOND);
}
const took = (Date.now() - before[2]) / 1000;
closeSync(fd);
console.log(`| the log reader, ${Math.round(n * 9 / took)} lines a second for ${Math.round(took)} s | ${((cpuMs(pid) - before[0]) / took / 10).toFixed(1)} % of a core (at most 15 %) |`);
console.log(`| its anonymous memory, the most | ${(most / 1e6).toFixed(1)} MB (at most 64 MB) |`);
console.log(`| the server beside it, which takes each delivery too | ${((cpuMs(server) - before[1]) / took / 10).toFixed(1)} % of a core |`);
await postroom.stop();
await postfix.remove();
