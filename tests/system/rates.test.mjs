// What the log tells over time, counted by the service, against a plain count over the same lines. The log is a real Postfix's, put back by
// hours and into rotated and compressed files; the service is killed in the middle, and started again.
import assert from 'node:assert/strict';
import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';

const HOUR = 3600;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const RESULTS = ['received', 'delivered', 'deferred', 'bounced', 'expired'];
const COPIES = 400;

let postfix, postroom, sink, lines;

// "Nov 30 10:00:00 host program[1]: text".
const CLASSIC = /^(\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (.*)$/;
const timeOf = (match) => {
	const at = new Date();
	at.setMonth(MONTHS.indexOf(match[1]), Number(match[2]));
	at.setHours(Number(match[3]), Number(match[4]), Number(match[5]), 0);
	return at.getTime();
};
const two = (n) => String(n).padStart(2, '0');
const stamp = (ms) => {
	const at = new Date(ms);
	return `${MONTHS[at.getMonth()]} ${String(at.getDate()).padStart(2)} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

// The real log once more, so many seconds ago, with queue IDs of its own.
const copyOf = (number, secondsAgo) => lines.map(({ at, text }) =>
	`${stamp(at - secondsAgo * 1000)} ${text.replace(/\b[0-9A-F]{9,12}\b/g, (id) => id.slice(0, 1) + number.toString(16).toUpperCase().padStart(4, '0') + id.slice(-6))}\n`).join('');

// The oracle: by plain expressions over the text, in the order of the log.
function count(text) {
	const seen = { total: {}, recipient_domain: {}, sender: {}, client: {} };
	const taken = new Set();
	const add = (by, result, key, n) => {
		seen[by][result] ??= {};
		seen[by][result][key] = (seen[by][result][key] ?? 0) + n;
	};
	const messages = new Map();
	for (const line of text.split('\n')) {
		const client = /: ([0-9A-F]+): client=[^[]*\[([^\]]+)\]/.exec(line);
		const notice = /cleanup\[\d+\]: ([0-9A-F]+): message-id=/.exec(line);
		const active = /qmgr\[\d+\]: ([0-9A-F]+): from=<(.*?)>, size=\d+, nrcpt=(\d+) \(queue active\)/.exec(line);
		const delivery = /: ([0-9A-F]+): to=<(.*?)>,.* status=(sent|deferred|bounced) /.exec(line);
		if (client || (notice && !messages.has(notice[1])))
			messages.set((client ?? notice)[1], { client: client?.[2] });
		let found;
		if (active && messages.has(active[1]) && !taken.has(active[1])) {
			taken.add(active[1]);
			messages.get(active[1]).sender = active[2] || '<>';
			found = [messages.get(active[1]), 'received', Number(active[3])];
		}
		if (delivery)
			found = [messages.get(delivery[1]), { sent: 'delivered', deferred: 'deferred', bounced: 'bounced' }[delivery[3]], 1, delivery[2].split('@')[1]];
		if (!found)
			continue;
		const [message, result, n, domain] = found;
		add('total', result, '', n);
		add('sender', result, message.sender, n);
		if (message.client)
			add('client', result, message.client, n);
		if (domain)
			add('recipient_domain', result, domain.toLowerCase(), n);
	}
	return seen;
}

async function series(by, what) {
	const reply = await postroom.get(`/series?by=${by}&what=${what}&limit=20&points=4000&from=${new Date(Date.now() - 30 * HOUR * 1000).toISOString().slice(0, 19)}Z`);
	return { reply, sums: Object.fromEntries(reply.series.map(({ key, values }) => [key, values.reduce((a, b) => a + b, 0)]).filter(([, sum]) => sum > 0)) };
}

async function compare(text) {
	const expected = count(text);
	await until('all to be counted', async () => {
		for (const what of RESULTS)
			if (((await series('total', what)).sums[''] ?? 0) !== (expected.total[what]?.[''] ?? 0))
				return false;
		return true;
	}, { timeout: 60000 });
	for (const by of Object.keys(expected))
		for (const what of RESULTS)
			assert.deepEqual((await series(by, what)).sums, expected[by][what] ?? {}, `${what} by ${by}`);
}

before(async () => {
	sink = await Sink.start({ rcpt: (to) => /@full\./.test(to) ? '452 4.2.2 Mailbox full' : /@gone\./.test(to) ? '550 5.1.1 User unknown' : null });
	postfix = await Postfix.start({ sink });
	await postfix.inject({ from: 'a@shop.example', to: ['x@good.example', 'y@good.example', 'z@full.example'] });
	await postfix.inject({ from: 'b@office.example', to: ['x@gone.example', 'y@full.example'] });
	await postfix.inject({ from: 'b@office.example', to: ['x@good.example'] });
	const text = await until('all attempts in the log', () => {
		const log = postfix.logText();
		return (log.match(/ status=(sent|deferred|bounced) /g) ?? []).length >= 7 && /from=<>, size=/.test(log) && (log.match(/: removed$/gm) ?? []).length >= 1 ? log : null;
	});
	lines = text.split('\n').map((line) => CLASSIC.exec(line)).filter(Boolean).map((match) => ({ at: timeOf(match), text: match[6] }));
	assert.ok(count(lines.map(({ text: t }) => t).join('\n')).total.received[''] >= 7);
});
after(async () => {
	await postroom?.stop();
	await postfix.remove();
	sink.stop();
});

test('the log of a day is counted as grep counts it, whoever is killed meanwhile, and once', async () => {
	const log = join(postfix.dir, 'day.log');
	const at = (i) => 24 * HOUR - i * 200;
	const part = (from, to) => Array.from({ length: to - from }, (_, i) => copyOf(from + i, at(from + i))).join('');
	const write = (name, text, secondsAgo) => {
		writeFileSync(name, text, { mode: 0o644 });
		utimesSync(name, Date.now() / 1000, Date.now() / 1000 - secondsAgo);
	};
	const parts = [part(0, COPIES / 4), part(COPIES / 4, COPIES / 2), part(COPIES / 2, COPIES)];
	write(`${log}.2.gz`, gzipSync(parts[0]), at(COPIES / 4));
	write(`${log}.1`, parts[1], at(COPIES / 2));
	write(log, parts[2], at(COPIES));
	postroom = await Postroom.start(postfix, { set: { 'postfix.log': log } });
	// Wherever they are by now.
	for (const role of ['logreader', 'server', 'logreader']) {
		const [pid] = await until(`the ${role}`, () => postroom.pids(role).length > 0 && postroom.pids(role));
		process.kill(pid, 'SIGKILL');
		await until(`another ${role}`, () => postroom.pids(role).length > 0 && !postroom.pids(role).includes(pid));
	}
	await postroom.untilCurrent();
	await compare(parts.join(''));
	const { reply } = await series('total', 'received');
	assert.equal(reply.step, 300);
	assert.equal(reply.unit, 'recipients');
	// A gap before the log begins, and none in it: quiet minutes are known to be quiet.
	assert.equal(reply.series[0].values[0], null);
	const known = reply.series[0].values.map((value) => value !== null);
	assert.ok(Date.parse(reply.known_from) >= Date.parse(reply.from));
	assert.ok(!known.slice(known.indexOf(true), known.lastIndexOf(true)).includes(false));

	// Rotated while nobody looked, and mail of ten minutes ago, which was taken for quiet: the last hour is counted again.
	await postroom.stop();
	renameSync(`${log}.2.gz`, `${log}.3.gz`);
	renameSync(`${log}.1`, `${log}.2`);
	renameSync(log, `${log}.1`);
	const more = copyOf(COPIES + 1, 600);
	write(log, more, 600);
	await postroom.up();
	await compare(parts.join('') + more);
});

test('history tells it on the command line', async () => {
	const table = await postroom.cli('history', '--by', 'domain', '--what', 'delivered', '--from', '30h');
	assert.equal(table.status, 0);
	assert.match(table.stdout, /^KEY +TOTAL +MOST +AT +LAST\n(.*\n)*good\.example +\d+/);
	const json = await postroom.cli('history', '--by', 'sender', '--what', 'received', '--from', '30h', '--json');
	assert.deepEqual(json.stdout.trim().split('\n').map((line) => JSON.parse(line).key).sort(), ['<>', 'a@shop.example', 'b@office.example']);
	assert.equal((await postroom.cli('history', '--by', 'colour')).status, 2);
	assert.equal((await postroom.cli('history', '--limit', '3')).status, 2);
});

test('the depth of the queue by key', async () => {
	const reply = await until('a sample of the senders', async () => {
		const found = await postroom.get('/series?by=recipient_domain');
		return found.series.length > 0 ? found : null;
	});
	assert.equal(reply.unit, 'messages');
	assert.deepEqual(reply.series.map(({ key, values }) => [key, Math.max(...values)]), [['full.example', 2]]);
	const causes = await postroom.get('/series?by=diagnosis');
	assert.equal(causes.series.length, 1);
	assert.ok(causes.series[0].label.length > 0);
	const queues = await postroom.get('/series');
	assert.deepEqual(queues.series.map(({ key }) => key).sort(), ['active', 'corrupt', 'deferred', 'hold', 'incoming', 'maildrop']);
	assert.equal(Math.max(...queues.series.find(({ key }) => key === 'deferred').values), 2);
	for (const wrong of ['by=total', 'by=queue&what=received', 'what=x', 'limit=0', 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z'])
		assert.equal((await postroom.api('GET', `/series?${wrong}`)).status, 400, wrong);
});
