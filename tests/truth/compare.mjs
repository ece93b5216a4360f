// What Postroom says (`said`, replies of the API and lines of the command line) against what Postfix says (`truth`, of the
// oracle). Every function gives differences: {what, id, ours, theirs}. They look at nothing themselves, so that a test can
// doctor either side and see that it is noticed.

const seconds = (time) => (time === null || time === undefined ? null : Math.floor(new Date(time).getTime() / 1000));
const fold = (text) => text.replace(/[A-Z]/g, (c) => c.toLowerCase());
const domainOf = (address) => (address.includes('@') ? address.slice(address.lastIndexOf('@') + 1) : '');

class Differences {
	list = [];

	same(what, id, ours, theirs) {
		const [a, b] = [ours ?? null, theirs ?? null].map((value) => JSON.stringify(value));
		if (a !== b)
			this.list.push({ what, id, ours: ours ?? null, theirs: theirs ?? null });
	}
}

// A recipient's reason: what Postfix shows now, or, where it has forgotten it, none or what it has shown or logged last.
function reasonIs(theirs, ours, logged) {
	if (theirs.reason !== null)
		return ours === theirs.reason;
	return ours === null || ours === theirs.last || logged.includes(ours);
}

// One message of a list or of its own page. `whole`: all recipients are there, not the first few. `logged(id, address)`: reasons.
export function compareMessage(theirs, ours, logged, whole = false) {
	const d = new Differences();
	const id = theirs.id;
	d.same('queue', id, ours.queue, theirs.queue);
	d.same('arrival', id, seconds(ours.arrival), theirs.arrival);
	d.same('size', id, ours.size, theirs.size);
	d.same('sender', id, ours.sender, theirs.sender);
	d.same('forced_expire', id, ours.forced_expire, theirs.forced);
	d.same('recipient_count', id, ours.recipient_count, theirs.recipients.length);
	d.same('deleting', id, ours.deleting?.job, theirs.deleting);
	d.same('next_retry', id, seconds(ours.next_retry), theirs.next);
	d.same('expires', id, seconds(ours.expires), theirs.expires);
	d.same('client_name', id, ours.origin?.client_name, theirs.client);
	d.same('client_address', id, ours.origin?.client_address, theirs.address);
	d.same('login', id, ours.origin?.login, theirs.login);
	d.same('helo', id, ours.origin?.helo, theirs.helo);
	d.same('subject', id, ours.subject, theirs.subject);
	const byAddress = new Map(theirs.recipients.map((recipient) => [recipient.address, recipient]));
	for (const { address, reason } of ours.recipients) {
		const recipient = byAddress.get(address);
		if (!recipient)
			d.same('recipient', id, address, null);
		else if (!reasonIs(recipient, reason, logged(id, address)))
			d.same('reason', `${id} ${address}`, reason, recipient.reason ?? recipient.last);
		else
			recipient.seen = reason;
		byAddress.delete(address);
	}
	if (whole)
		for (const address of byAddress.keys())
			d.same('recipient', id, null, address);
	return d.list;
}

// All messages, and the counts of the summary.
export function compareQueue(truth, said, logged) {
	const d = new Differences();
	const ours = new Map(said.messages.map((message) => [message.id, message]));
	for (const theirs of truth.messages) {
		const message = ours.get(theirs.id);
		ours.delete(theirs.id);
		if (message)
			d.list.push(...compareMessage(theirs, message, logged));
		else
			d.same('message', theirs.id, null, theirs.queue);
	}
	for (const [id, message] of ours)
		d.same('message', id, message.queue, null);
	for (const queue of ['maildrop', 'incoming', 'active', 'deferred', 'hold'])
		d.same(`counts.${queue}`, 'all', said.summary.counts[queue], truth.messages.filter((m) => m.queue === queue).length);
	d.same('counts.corrupt', 'all', said.summary.counts.corrupt, truth.corrupt);
	d.same('deleting', 'all', said.summary.deleting, truth.messages.filter(({ deleting }) => deleting).length);
	d.same('messages', 'all', said.summary.messages, truth.messages.length);
	d.same('bytes', 'all', said.summary.bytes, truth.messages.reduce((sum, { size }) => sum + size, 0));
	d.same('oldest_arrival', 'all', seconds(said.summary.oldest_arrival), truth.messages.length ? Math.min(...truth.messages.map(({ arrival }) => arrival)) : null);
	return d.list;
}

// A message's own page: every recipient, who is done, the schedule, the attempts.
export function compareDetail(theirs, ours, { logged, done, attempts }) {
	const d = new Differences();
	const id = theirs.id;
	d.list.push(...compareMessage(theirs, ours, logged, true));
	d.same('delivered_count', id, ours.delivered_count, done);
	d.same('schedule.created', id, seconds(ours.schedule.created), theirs.created);
	d.same('schedule.expires', id, seconds(ours.schedule.expires), theirs.expires);
	d.same('schedule.next_earliest', id, seconds(ours.schedule.next_earliest), theirs.next);
	const line = ({ at, queue_id, recipient, original, relay, dsn, status, text }) =>
		[at, queue_id, recipient, original ?? '', relay ?? 'none', dsn, status, text].join(' | ');
	const our = ours.attempts.map((attempt) => line({ ...attempt, at: seconds(attempt.at) }));
	const their = attempts.map(line);
	for (const one of their.filter((text) => !our.includes(text)))
		d.same('attempt', id, null, one);
	for (const one of our.filter((text) => !their.includes(text)))
		d.same('attempt', id, one, null);
	d.same('attempts', id, our.length, their.length);
	return d.list;
}

const SORTS = {
	arrival: (m) => seconds(m.arrival),
	size: (m) => m.size,
	sender: (m) => m.sender,
	next_retry: (m) => seconds(m.next_retry),
	recipients: (m) => m.recipient_count,
	id: (m) => m.id,
};

// Pages of a sorted list: each message once, all of them, in order (what has no value at one of the ends).
export function comparePages(expected, pages, sort) {
	const d = new Differences();
	const rows = pages.flatMap(({ messages }) => messages);
	d.same(`pages of ${sort}: messages`, 'all', rows.map(({ id }) => id).sort(), [...expected].sort());
	for (const { matched } of pages)
		d.same(`pages of ${sort}: matched`, 'all', matched, expected.length);
	const key = SORTS[sort.replace('-', '')];
	const values = rows.map(key).filter((value) => value !== null);
	const ordered = sort === 'id' || sort === '-id' || sort === 'sender' || sort === '-sender'
		? [...values].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
		: [...values].sort((a, b) => a - b);
	if (sort.startsWith('-'))
		ordered.reverse();
	d.same(`pages of ${sort}: order`, 'all', values, ordered);
	return d.list;
}

export function compareMatches(filter, expected, ours, matched) {
	const d = new Differences();
	d.same(`filter ${filter}`, 'all', [...ours].sort(), [...expected].sort());
	d.same(`filter ${filter}: matched`, 'all', matched, expected.length);
	return d.list;
}

const AGES = [5, 10, 20, 40, 80, 160, 320, 640, 1280];
const ageKey = (minutes) => String(AGES.find((limit) => minutes < limit) ?? '1280+');

// The groups that a message belongs to, each with how many of its recipients.
const GROUPS = {
	queue: (m) => [[m.deleting ? 'deleting' : m.queue, m.recipients.length]],
	sender: (m) => [[fold(m.sender), m.recipients.length]],
	sender_domain: (m) => [[fold(domainOf(m.sender)), m.recipients.length]],
	login: (m) => [[m.login ?? '', m.recipients.length]],
	client: (m) => [[m.client === null && m.address === null ? '' : `${m.client ?? ''}[${m.address ?? ''}]`, m.recipients.length]],
	recipient_domain: (m) => {
		const counts = new Map();
		for (const { address } of m.recipients)
			counts.set(fold(domainOf(address)), (counts.get(fold(domainOf(address))) ?? 0) + 1);
		return [...counts];
	},
	age: (m, now) => [[ageKey((now - m.arrival) / 60), m.recipients.length]],
};
export const GROUP_FIELDS = Object.keys(GROUPS);

export function compareGroups(truth, by, reply, now) {
	const d = new Differences();
	const theirs = new Map();
	for (const message of truth.messages)
		for (const [key, recipients] of GROUPS[by](message, now)) {
			const group = theirs.get(key) ?? { messages: 0, recipients: 0, bytes: 0, oldest: Infinity };
			group.messages++;
			group.recipients += recipients;
			group.bytes += message.size;
			group.oldest = Math.min(group.oldest, message.arrival);
			theirs.set(key, group);
		}
	for (const group of reply.groups.filter(({ messages }) => messages > 0)) {
		const key = fold(group.key ?? '');
		const expected = theirs.get(by === 'client' || by === 'login' ? [...theirs.keys()].find((one) => fold(one) === key) : key);
		d.same(`groups by ${by}`, key, { messages: group.messages, recipients: group.recipients, bytes: group.bytes, oldest: seconds(group.oldest_arrival) }, expected ?? null);
		for (const one of [...theirs.keys()].filter((name) => fold(name) === key))
			theirs.delete(one);
	}
	for (const [key, group] of theirs)
		d.same(`groups by ${by}`, key, null, group);
	return d.list;
}

// The table of recipient domain by age against qshape's rows of one queue.
export function compareShape(queue, rows, reply) {
	const d = new Differences();
	const columns = reply.columns.map(({ key }) => key);
	const order = [...AGES.map(String), '1280+'];
	const cellsOf = (cells) => order.map((key) => cells[columns.indexOf(key)]?.recipients ?? 0);
	const ours = new Map(reply.groups.map((group) => [fold(group.key ?? ''), cellsOf(group.cells)]));
	for (const { name, cells } of rows.filter((row) => row.name !== 'TOTAL')) {
		const key = name === 'MAILER-DAEMON' ? '' : fold(name);
		d.same(`qshape ${queue}`, key, ours.get(key) ?? null, cells);
		ours.delete(key);
	}
	for (const [key, cells] of ours)
		d.same(`qshape ${queue}`, key, cells, null);
	return d.list;
}
