// Latencies of requests, alike at every size: each figure is a p99 over fresh questions.
import { Agent } from 'node:http';
import { SORTS, get, median, percentile, seconds, timedAsync } from './measure.mjs';

const ROUNDS = 30;
const VIEW_ROUNDS = 10;

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const query = (values) => Object.entries(values).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');

class Client {
	constructor(postroom) {
		this.postroom = postroom;
		this.agent = new Agent({ keepAlive: true, maxSockets: 1 });
	}

	async get(path, values) {
		let body;
		const ms = await timedAsync(async () => { body = await get(this.postroom, this.agent, `/api/v1${path}?${query(values)}`); });
		return { ms, body: JSON.parse(body) };
	}
}

const PLACES = 20;
// Some hundred messages, wherever the sort puts them: by digits of the subject, which are random.
const scattered = (count) => `subject:"of ${'5a7'.slice(0, Math.max(1, Math.floor(Math.log(count / 60) / Math.log(16))))}"`;

// `after` of pages all over the queue, for one order. A place does not depend on the filter under which it was met, so
// the few messages that one finds lead to them; going through a million page by page takes minutes.
async function places(client, sort, count) {
	const found = [''];
	const filter = scattered(count);
	const { body: { matched } } = await client.get('/messages', { limit: 1, filter });
	const limit = Math.max(1, Math.floor(matched / PLACES));
	for (let after = ''; ;) {
		const { body } = await client.get('/messages', { limit, sort, filter, ...(after && { after }) });
		if (!body.next)
			return found;
		after = body.next;
		found.push(after);
	}
}

async function anyPage(client, count) {
	const times = [];
	for (const sort of SORTS) {
		const all = await places(client, sort, count);
		for (let round = 0; round < ROUNDS; round++) {
			const after = pick(all);
			times.push((await client.get('/messages', { limit: 50, sort, ...(after && { after }) })).ms);
		}
	}
	return times;
}

// Three terms over all fields that nobody has asked before: each time other letters and digits.
function worstFilter() {
	const digits = () => String(Math.floor(Math.random() * 900) + 100);
	return `${pick(['user', 'd0', 'mail'])}${digits()} or ${pick(['quota', 'limit', 'unsol'])}${pick(['', ' ', 'i'])}${digits()} or ${digits()}-${digits().slice(0, 2)}`;
}

async function worst(client) {
	const times = [];
	for (let round = 0; round < ROUNDS * 4; round++)
		times.push((await client.get('/messages', { limit: 50, sort: pick(SORTS), filter: worstFilter() })).ms);
	return times;
}

const KEYS = ['queue', 'recipient_domain', 'sender', 'sender_domain', 'reason', 'diagnosis', 'age', 'client', 'login'];
const PAIRS = ['recipient_domain,age', 'sender_domain,reason', 'login,recipient_domain'];

async function groups(client, keys) {
	const times = [];
	for (let round = 0; round < ROUNDS; round++)
		for (const by of keys)
			times.push((await client.get('/groups', { by, limit: 50, ...(round % 3 === 0 && { filter: `age>${round}h` }) })).ms);
	return times;
}

// Half of the queue (long IDs), frozen, and what an action on it would touch.
async function viewAndPreview(client) {
	const { postroom } = client;
	const times = [];
	for (let round = 0; round < VIEW_ROUNDS; round++) {
		let view;
		times.push(await timedAsync(async () => {
			view = await postroom.post('/views', { filter: 'id:z', sort: pick(SORTS) });
			await postroom.post('/previews', { action: 'hold', view: view.id });
		}));
		client.viewRows = view.matched;
	}
	return times;
}

const QUESTIONS = {
	'any page': (client, count) => anyPage(client, count),
	'worst filter': (client) => worst(client),
	'groups by one key': (client) => groups(client, KEYS),
	'groups by two keys': (client) => groups(client, PAIRS),
	'view and preview of half': (client) => viewAndPreview(client),
};

// {name: p99 in ms}; with `detail` of each: {median, requests, rows}.
export async function latencies(postroom, count, names = Object.keys(QUESTIONS)) {
	const client = new Client(postroom);
	const out = {};
	const detail = {};
	for (const name of names) {
		const times = await QUESTIONS[name](client, count);
		out[name] = percentile(times, 0.99);
		detail[name] = `median ${median(times).toFixed(1)} ms, ${times.length} requests`;
	}
	client.agent.destroy();
	Object.defineProperty(out, 'detail', { value: { ...detail, viewRows: client.viewRows } });
	return out;
}

function latencyRow(own, row, name, words, most, beside = '') {
	row(words, `p99 ${own[name].toFixed(1)} ms`, own.detail[name] + beside, '', `${most} ms`, own[name] <= most);
}

export function messageRows(own, row) {
	latencyRow(own, row, 'any page', '`GET /messages`, any sort, page anywhere', 10);
	latencyRow(own, row, 'worst filter', 'the same with three substring terms over all fields, `or`; 40 % of the reasons unique', 60);
}

export function worstSharedRow(own, row) {
	latencyRow(own, row, 'worst filter', 'the same where no reason is unique', 60);
}

// `qshapeMs`: of one run over the same queue.
export function groupRows(own, qshapeMs, row) {
	latencyRow(own, row, 'groups by one key', '`GET /groups`, one key', 15);
	latencyRow(own, row, 'groups by two keys', '`GET /groups`, two keys', 40, `; \`qshape deferred\` ${seconds(qshapeMs)}`);
}

export function viewRow(own, row) {
	latencyRow(own, row, 'view and preview of half', `a view of ${own.detail.viewRows.toLocaleString('en')} messages, frozen, and its preview`, 300);
}
