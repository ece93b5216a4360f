#!/usr/bin/env node
// What of api/openapi.yaml would break a client of the last release, whose contract is kept in api/released:
//
//   tools/contract-changes.js             what breaks, and is not admitted in api/released/breaks.txt
//   tools/contract-changes.js OLD NEW     the same between two files, nothing admitted
//
// CONTRIBUTING.md says what counts as breaking. A request may be given more freedom and an answer may say more; everything
// else is told, each as one line that names the operation and the place.
'use strict';
const fs = require('fs');
const path = require('path');
const { parse } = require(path.join(__dirname, '../tests/node_modules/yaml'));

const METHODS = ['get', 'post', 'put', 'delete', 'patch'];
// A right that fewer have comes later. `admin` was one until 0.1.0, and has come apart into three.
const RIGHTS = { public: 0, viewer: 1, content: 2, operator: 3, pauses: 3, settings: 4, accounts: 4, audit: 4, admin: 4 };
// Bounds of a value: what makes them narrower.
const LOWER_IS_NARROWER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const HIGHER_IS_NARROWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const BODY_DEFAULT = 65536;

const read = (text) => parse(text, { maxAliasCount: -1 });

function follow(contract, node) {
	for (let i = 0; node?.$ref && i < 20; i++)
		node = node.$ref.replace(/^#\//, '').split('/').reduce((at, key) => at?.[key], contract);
	return node ?? {};
}

// A schema with what it is made of put together: types, members, alternatives.
function plain(contract, schema) {
	const node = follow(contract, schema);
	if (!node.allOf)
		return node;
	const parts = [{ ...node, allOf: undefined }, ...node.allOf.map((one) => plain(contract, one))];
	return Object.assign({}, ...parts, {
		properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
		required: parts.flatMap(({ required }) => required ?? []),
	});
}

const alternatives = (schema) => schema.oneOf ?? schema.anyOf ?? null;
const nameOf = (schema) => schema.$ref ?? JSON.stringify(schema);

// The values that a schema lists, if it does.
function valuesOf(schema) {
	if ('const' in schema)
		return [schema.const];
	return schema.enum ?? null;
}

// The types that it takes; integers are numbers, too. null: all.
function typesOf(schema) {
	const types = schema.type !== undefined ? [schema.type].flat() : valuesOf(schema)?.map((value) => (value === null ? 'null' : typeof value));
	return types ? new Set(types) : null;
}

const within = (types, others) => !others || (types && [...types].every((type) => others.has(type) || (type === 'integer' && others.has('number'))));

class Comparison {
	constructor(before, after) {
		this.before = before;
		this.after = after;
		this.found = [];
		this.seen = new Set();
	}

	tell(place, what) {
		this.found.push(`${place}: ${what}`);
	}

	// `sent`: by the client; else it is answered to him.
	schema(place, before, after, sent) {
		// Schemas name each other in circles.
		const pair = `${nameOf(before)} ${nameOf(after)} ${sent}`;
		if (before.$ref && after.$ref && this.seen.has(pair))
			return;
		this.seen.add(pair);
		const label = before.$ref && before.$ref === after.$ref ? `${before.$ref.split('/').at(-1)} (${sent ? 'sent' : 'answered'})` : place;
		const [old, now] = [plain(this.before, before), plain(this.after, after)];
		if (alternatives(old) || alternatives(now)) {
			this.choices(label, before, after, sent);
			return;
		}
		this.types(label, old, now, sent);
		this.values(label, old, now);
		if (sent)
			this.bounds(label, old, now);
		this.members(label, old, now, sent);
		if (old.items && now.items)
			this.schema(`${label}[]`, old.items, now.items, sent);
	}

	types(place, old, now, sent) {
		const [were, are] = [typesOf(old), typesOf(now)];
		// What the client sends must still be taken; what he is answered must be what he knows.
		if (!(sent ? within(were, are) : within(are, were)))
			this.tell(place, `type was ${[...were ?? ['any']].join(', ')}, is ${[...are ?? ['any']].join(', ')}`);
	}

	values(place, old, now) {
		const [were, are] = [valuesOf(old), valuesOf(now)];
		if (were && are)
			for (const value of were.filter((one) => !are.includes(one)))
				this.tell(place, `value ${JSON.stringify(value)} is gone`);
	}

	bounds(place, old, now) {
		for (const key of LOWER_IS_NARROWER)
			if (now[key] < (old[key] ?? Infinity))
				this.tell(place, `${key} was ${old[key] ?? 'none'}, is ${now[key]}`);
		for (const key of HIGHER_IS_NARROWER)
			if (now[key] > (old[key] ?? (key === 'minimum' || key === 'exclusiveMinimum' ? -Infinity : 0)))
				this.tell(place, `${key} was ${old[key] ?? 'none'}, is ${now[key]}`);
		if (now.pattern !== undefined && now.pattern !== old.pattern)
			this.tell(place, `pattern was ${old.pattern ?? 'none'}, is ${now.pattern}`);
		if (valuesOf(now) && !valuesOf(old))
			this.tell(place, 'only some values are taken');
	}

	members(place, old, now, sent) {
		for (const [name, member] of Object.entries(old.properties ?? {}))
			if (!now.properties?.[name])
				this.tell(place, `member ${name} is gone`);
			else
				this.schema(`${place}.${name}`, member, now.properties[name], sent);
		for (const name of now.required ?? [])
			if (sent && !old.required?.includes(name))
				this.tell(place, `member ${name} must be sent`);
		for (const name of old.required ?? [])
			if (!sent && now.properties?.[name] && !now.required?.includes(name))
				this.tell(place, `member ${name} may be missing`);
	}

	// One of several schemas, or only one of them before or after.
	choices(place, before, after, sent) {
		const list = (contract, schema) => alternatives(follow(contract, schema)) ?? [schema];
		const [olds, nows] = [list(this.before, before), list(this.after, after)];
		const same = (one) => (other) => nameOf(one) === nameOf(other);
		for (const old of olds.filter((one) => nows.some(same(one))))
			this.schema(`${place}|${olds.indexOf(old) + 1}`, old, nows.find(same(old)), sent);
		const gone = olds.filter((one) => !nows.some(same(one)));
		const come = nows.filter((one) => !olds.some(same(one)));
		// As many as before: they have changed.
		if (gone.length === come.length) {
			gone.forEach((old, i) => this.schema(`${place}|${olds.indexOf(old) + 1}`, old, come[i], sent));
			return;
		}
		for (const old of gone)
			this.tell(place, `the alternative ${nameOf(old).split('/').at(-1)} is gone`);
		for (const more of sent ? [] : come)
			this.tell(place, `may also be ${nameOf(more).split('/').at(-1)}`);
	}

	parameters(place, old, now) {
		const key = ({ in: where, name }) => `${where} ${name}`;
		const table = (contract, list) => new Map(list.map((one) => follow(contract, one)).map((one) => [key(one), one]));
		const [were, are] = [table(this.before, old), table(this.after, now)];
		for (const [name, parameter] of were)
			if (!are.has(name))
				this.tell(place, `parameter ${parameter.name} is gone`);
			else
				this.schema(`${place}?${parameter.name}`, parameter.schema, are.get(name).schema, true);
		for (const [name, parameter] of are)
			if (parameter.required && !were.get(name)?.required)
				this.tell(place, `parameter ${parameter.name} must be sent`);
	}

	content(place, old, now, sent) {
		for (const [type, { schema }] of Object.entries(old ?? {}))
			if (!now?.[type])
				this.tell(place, `content type ${type} is gone`);
			else if (schema && now[type].schema)
				this.schema(place, schema, now[type].schema, sent);
	}

	body(place, old, now) {
		const [was, is] = [follow(this.before, old.requestBody), follow(this.after, now.requestBody)];
		if (is.required && !was.required)
			this.tell(place, 'a body must be sent');
		if (was.content)
			this.content(`${place} body`, was.content, is.content, true);
		const limit = (one) => one['x-body-limit'] ?? BODY_DEFAULT;
		if (was.content && limit(now) < limit(old))
			this.tell(place, `the body had ${limit(old)} bytes at most, has ${limit(now)}`);
	}

	answers(place, old, now) {
		for (const [status, response] of Object.entries(old.responses)) {
			if (!/^[23]/.test(status))
				continue;
			if (!now.responses[status])
				this.tell(place, `the answer ${status} is gone`);
			else
				this.content(`${place} ${status}`, follow(this.before, response).content, follow(this.after, now.responses[status]).content, false);
		}
	}

	operation(place, old, now, shared) {
		if (RIGHTS[now['x-right']] > RIGHTS[old['x-right']])
			this.tell(place, `needed ${old['x-right']}, needs ${now['x-right']}`);
		this.parameters(place, [...shared.old, ...old.parameters ?? []], [...shared.now, ...now.parameters ?? []]);
		this.body(place, old, now);
		this.answers(place, old, now);
	}

	run() {
		for (const [where, item] of Object.entries(this.before.paths)) {
			const same = this.after.paths[where];
			if (!same) {
				this.tell(where, 'the path is gone');
				continue;
			}
			const shared = { old: item.parameters ?? [], now: same.parameters ?? [] };
			for (const method of METHODS.filter((one) => item[one]))
				if (same[method])
					this.operation(`${method.toUpperCase()} ${where}`, item[method], same[method], shared);
				else
					this.tell(`${method.toUpperCase()} ${where}`, 'the method is gone');
		}
		return [...new Set(this.found)];
	}
}

// What of `after` breaks clients of `before`, both as the text of a contract, one line each.
const breaks = (before, after) => new Comparison(read(before), read(after)).run();

// breaks.txt: a line that breaks() gives, and below it, indented, why that is admitted. {admitted: Map, wrong}
function readAdmitted(text) {
	const admitted = new Map();
	const wrong = [];
	let line = null;
	text.split('\n').forEach((one, i) => {
		if (one.startsWith('#') || !one.trim())
			return;
		if (/^\s/.test(one) && line)
			admitted.set(line, `${admitted.get(line)} ${one.trim()}`.trim());
		else if (/^\s/.test(one))
			wrong.push(`api/released/breaks.txt:${i + 1}: a reason of nothing`);
		else
			admitted.set(line = one.trim(), '');
	});
	for (const [one, reason] of admitted)
		if (!reason)
			wrong.push(`api/released/breaks.txt: ${one}: no reason`);
	return { admitted, wrong };
}

// For tools/check: what is wrong in the tree, one line each.
function checkContract(readFile, released) {
	if (released.length !== 1)
		return [`api/released: one contract is kept, that of the last release, and not ${released.length}`];
	const { admitted, wrong } = readAdmitted(readFile('api/released/breaks.txt'));
	const found = breaks(readFile(released[0]), readFile('api/openapi.yaml'));
	return [
		...wrong,
		...found.filter((line) => !admitted.has(line)).map((line) => `api/openapi.yaml: ${line} (CONTRIBUTING.md, "Versions")`),
		...[...admitted.keys()].filter((line) => !found.includes(line)).map((line) => `api/released/breaks.txt: ${line}: it does not break any more`),
	];
}

module.exports = { breaks, checkContract, readAdmitted };

if (require.main === module) {
	const [before, after] = process.argv.slice(2);
	const root = path.join(__dirname, '..');
	const text = (file) => fs.readFileSync(file, 'utf8');
	const kept = () => fs.readdirSync(path.join(root, 'api/released')).filter((name) => name.endsWith('.yaml')).map((name) => `api/released/${name}`);
	const found = after ? breaks(text(before), text(after)) : checkContract((file) => text(path.join(root, file)), kept());
	found.forEach((line) => console.log(line));
	process.exitCode = found.length ? 1 : 0;
}
