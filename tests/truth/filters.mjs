// The filter language a second time, as postroom-filter(7) tells it and as simple as can be: a random tree, its text, and which
// of the oracle's messages it means.

const fold = (text) => text.replace(/[A-Z]/g, (c) => c.toLowerCase());
const domainOf = (address) => address.slice(address.lastIndexOf('@') + 1);
const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// A reply of several lines without the codes that each line repeats, as the manual says that its words are found, too.
const joined = (reason) => reason.replace(/^(.* said: )(\d{3})[- ](\d\.\d\.\d) (.*)$/s,
	(all, head, code, status, rest) => `${head}${code} ${status} ${rest.replace(new RegExp(`${code}[- ]${escapeRegExp(status)} `, 'g'), '').replace(/ +/g, ' ')}`);

// The values of a field of text that a message has. (`seen`: the reason that is shown, which the comparison has proved.)
const TEXTS = {
	id: (m) => [m.id],
	queue: (m) => [m.queue],
	from: (m) => [m.sender],
	to: (m) => m.recipients.flatMap(({ address, original }) => [address, ...(original === null ? [] : [original])]),
	domain: (m) => m.recipients.filter(({ address }) => address.includes('@')).map(({ address }) => domainOf(address)),
	reason: (m) => m.recipients.map(({ seen }) => seen).filter((reason) => reason !== null),
	client: (m) => [m.client, m.address].filter((value) => value !== null),
	login: (m) => [m.login].filter((value) => value !== null),
	helo: (m) => [m.helo].filter((value) => value !== null),
	subject: (m) => [m.subject].filter((value) => value !== null),
	deleting: (m) => [m.deleting ? 'yes' : 'no'],
};
const NUMBERS = {
	age: (m, now) => now - m.arrival,
	size: (m) => m.size,
	next: (m, now) => (m.next === null ? null : m.next - now),
	recipients: (m) => m.recipients.length,
	expires: (m, now) => (m.expires === null || m.queue === 'hold' ? null : m.expires - now),
};
const ANY = ['id', 'from', 'to', 'reason'];
const ORDERS = { '>': (a, b) => a > b, '<': (a, b) => a < b, '>=': (a, b) => a >= b, '<=': (a, b) => a <= b, '=': (a, b) => a === b };

// Blanks, parentheses, quotes, and what would be read as a field, a pattern, a dash or a word that joins.
const quoted = (text) => (/^[A-Za-z0-9.@_+-]+$/.test(text) && !/^-/.test(text) && !/^(and|or|not)$/i.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`);

function textFits({ kind, text }, value) {
	switch (kind) {
	case 'contains':
		return fold(value).includes(fold(text));
	case 'exact':
		return fold(value) === fold(text);
	default:
		return new RegExp(`^${fold(text).split('').map((c) => (c === '*' ? '.*' : c === '?' ? '.' : escapeRegExp(c))).join('')}$`, 's').test(fold(value));
	}
}

// Whether the message is meant. `now`: seconds, of the moment that was asked.
export function matches(node, message, now) {
	switch (node.op) {
	case 'and':
		return node.nodes.every((one) => matches(one, message, now));
	case 'or':
		return node.nodes.some((one) => matches(one, message, now));
	case 'not':
		return !matches(node.node, message, now);
	case 'number': {
		const value = NUMBERS[node.field](message, now);
		return value !== null && ORDERS[node.order](value, node.value);
	}
	default: {
		const values = (node.field === 'any' ? ANY : [node.field]).flatMap((field) => TEXTS[field](message));
		if (node.kind === 'exact' && node.text === '')
			return values.every((value) => value === '');
		if (node.kind === 'contains' && (node.field === 'reason' || node.field === 'any') && TEXTS.reason(message).some((reason) => textFits(node, joined(reason))))
			return true;
		return values.some((value) => textFits(node, value));
	}
	}
}

export function print(node) {
	switch (node.op) {
	case 'and':
		return node.nodes.map((one) => (one.op === 'or' ? `(${print(one)})` : print(one))).join(' ');
	case 'or':
		return node.nodes.map((one) => (one.op === 'or' ? `(${print(one)})` : print(one))).join(' or ');
	case 'not':
		return node.dash ? `-${['and', 'or', 'not'].includes(node.node.op) ? `(${print(node.node)})` : print(node.node)}`
			: `not ${['and', 'or', 'not'].includes(node.node.op) ? `(${print(node.node)})` : print(node.node)}`;
	case 'number':
		return `${node.field}${node.order}${node.value}${node.unit}`;
	default: {
		const prefix = node.field === 'any' ? '' : node.kind === 'exact' ? `${node.field}:=` : `${node.field}:`;
		if (node.field === 'from' && node.kind === 'exact' && node.text === '' && node.angle)
			return 'from:<>';
		return prefix + (node.kind === 'pattern' ? node.text : quoted(node.text));
	}
	}
}

// ---- Chance ----

const PLAIN = /^[A-Za-z0-9.@_+-]+$/;

function aText(random, rows) {
	const field = random.pick(['from', 'from', 'to', 'to', 'domain', 'domain', 'queue', 'deleting', 'reason', 'reason', 'id', 'client', 'login', 'subject', 'helo', 'any', 'any']);
	const values = rows.length ? TEXTS[field === 'any' ? random.pick(ANY) : field](random.pick(rows)) : [];
	const value = values.length ? random.pick(values) : 'nothing-has-this';
	const kind = random.pick(['contains', 'contains', 'exact', 'pattern']);
	if (field === 'from' && random.chance(0.1))
		return { op: 'text', field, kind: 'exact', text: '', angle: random.chance(0.5) };
	if (field === 'queue' || field === 'deleting')
		return { op: 'text', field, kind: 'exact', text: value };
	if (kind === 'exact' && field !== 'any')
		return { op: 'text', field, kind, text: value };
	const start = random.between(0, Math.max(value.length - 2, 0));
	const part = value.slice(start, start + random.between(2, 20)).trim();
	if (kind === 'pattern' && PLAIN.test(value) && value.length > 3 && field !== 'any' && !value.startsWith('-'))
		return { op: 'text', field, kind, text: random.pick([`*${value.slice(start)}`, `${value.slice(0, start + 1)}*`, `${value[0]}?*`, `*${value.slice(1, -1)}?`]) };
	return { op: 'text', field, kind: 'contains', text: part || 'x' };
}

// Thresholds stand apart from every value by some seconds: both sides look at their clock a little later.
const APART = 4;

function aNumber(random, rows, now) {
	const field = random.pick(['age', 'size', 'recipients', 'next', 'expires']);
	const values = rows.map((m) => NUMBERS[field](m, now)).filter((value) => value !== null);
	let value = values.length ? random.pick(values) : 100;
	const timed = ['age', 'next', 'expires'].includes(field);
	const order = random.pick(timed ? ['>', '<', '>=', '<='] : Object.keys(ORDERS));
	value = Math.round(value) + (timed ? APART : random.between(-1, 1));
	while (timed && values.some((one) => Math.abs(one - value) < APART))
		value++;
	return { op: 'number', field, order, value: field === 'next' || field === 'expires' ? value : Math.max(value, 0), unit: timed ? random.pick(['', 's']) : '' };
}

export function aFilter(random, rows, now, depth = 2) {
	const kind = depth === 0 ? 'leaf' : random.weighted({ leaf: 4, and: 3, or: 2, not: 2 });
	switch (kind) {
	case 'and':
	case 'or':
		return { op: kind, nodes: Array.from({ length: random.between(2, 3) }, () => aFilter(random, rows, now, depth - 1)) };
	case 'not':
		return { op: 'not', dash: random.chance(0.5), node: aFilter(random, rows, now, depth - 1) };
	default:
		return random.chance(0.7) ? aText(random, rows) : aNumber(random, rows, now);
	}
}
