// How long it takes from an incident that is told to a webhook on loopback that has it, and that none is lost or told twice through a receiver that is dead.
// Prints a Markdown table.
//     node alerts.mjs [--runs 20] [--dead 60]
import { parseArgs } from 'node:util';
import { Postfix, Postroom, Receiver, until } from '../harness/index.mjs';
import { log, median, percentile, printTable, row } from './measure.mjs';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '20' }, dead: { type: 'string', default: '60' } } });
const RUNS = Number(options.runs);
const DEAD_MS = Number(options.dead) * 1000;
const MS_MAX = 2000;
const SOON = { timeout: 120000 };

const receiver = await Receiver.start();
const postfix = await Postfix.start();
const postroom = await Postroom.start(postfix);
const put = async (what, body) => postroom.put(`/alerts/${what}`, { revision: (await postroom.get(`/alerts/${what}`)).revision, ...body });
await until('the channels to be read', async () => (await postroom.api('GET', '/alerts/channels')).status === 200);
await put('channels', { channels: [{ id: 'hook', kind: 'webhook', url: `${receiver.url}/hook`, allow_local: true, limit_per_hour: 1000 }], heartbeat: { enabled: false, every_s: 60 } });
const rule = (n) => ({ id: `r${n}`, channels: ['hook'], severities: ['act', 'watch', 'note'] });
await put('rules', { rules: [rule(0)] });

// A real incident: from the moment in which the list has it.
await postfix.stop();
let told;
await until('the incident', async () => {
	const { incidents } = await postroom.get('/incidents');
	told = Date.now();
	return incidents.some((i) => i.kind === 'postfix');
}, SOON);
await until('the webhook', () => receiver.requests.length > 0, SOON);
const first = Math.max(0, receiver.requests[0].at - told);
row('incident to webhook, loopback', `${first} ms`, 'the list of incidents has it', '', `${MS_MAX} ms`, first <= MS_MAX);

// The same again: each new rule is told of what is open.
const times = [];
for (let n = 1; n <= RUNS; n++) {
	const before = receiver.requests.length;
	const { rules, revision } = await postroom.get('/alerts/rules');
	const begin = Date.now();
	await postroom.put('/alerts/rules', { revision, rules: [...rules, rule(n)] });
	await until('its webhook', () => receiver.requests.length > before, SOON);
	times.push(receiver.requests.at(-1).at - begin);
}
row(`rule set to webhook, ${RUNS} times`, `${median(times)} ms, 95 % ${percentile(times, 0.95)} ms`, '', '', `${MS_MAX} ms`, percentile(times, 0.95) <= MS_MAX);

// A receiver that is dead for a while, and ten messages meanwhile.
receiver.answer = () => ({ status: 503 });
const before = receiver.requests.length;
const { rules, revision } = await postroom.get('/alerts/rules');
await postroom.put('/alerts/rules', { revision, rules: [...rules, ...Array.from({ length: 10 }, (_, n) => rule(100 + n))] });
log(`dead for ${DEAD_MS / 1000} s`);
await new Promise((done) => setTimeout(done, DEAD_MS));
receiver.answer = () => null;
const since = receiver.requests.length;
await until('all of them', async () => (await postroom.get('/alerts?limit=200&state=sent')).alerts.filter((a) => /^r1\d\d$/.test(a.rule)).length === 10, { timeout: 400000 });
const keys = receiver.requests.slice(since).map((r) => r.headers['idempotency-key']);
const lost = 10 - new Set(keys).size;
const twice = keys.length - new Set(keys).size;
row(`receiver dead for ${DEAD_MS / 1000} s, 10 messages`, `${lost} lost, ${twice} twice`, `${since - before} tries meanwhile`, '', '0', lost === 0 && twice === 0);
printTable(0, RUNS);
await postroom.stop();
postfix.remove();
