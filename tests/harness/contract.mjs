// Every reply that a test gets is checked against api/openapi.yaml: its status must be described for
// that operation, and its body must be what the description says.
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const file = new URL('../../api/openapi.yaml', import.meta.url);
export const contract = parse(readFileSync(file, 'utf8'), { maxAliasCount: -1 });

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);
ajv.addSchema({ ...contract, $id: 'postroom:contract' }, undefined, undefined, false);

const pointer = (...parts) => parts.map((part) => encodeURIComponent(String(part).replace(/~/g, '~0').replace(/\//g, '~1'))).join('/');

// A check of a value against components/schemas/<name>: null when it fits, else what is wrong.
export function schemaProblem(name, value) {
	const validate = ajv.getSchema(`postroom:contract#/components/schemas/${name}`);
	return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: name });
}

const templates = Object.keys(contract.paths).map((path) => ({
	path,
	pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`),
	// Fixed paths before those with parameters.
	weight: (path.match(/\{/g) ?? []).length,
})).sort((a, b) => a.weight - b.weight);

function resolve(node) {
	return node?.$ref ? node.$ref.slice(2).split('/').reduce((at, key) => at[key], contract) : node;
}

function schemaPath(node, path, contentType) {
	const base = node.$ref ? node.$ref.slice(2).split('/') : path;
	return `postroom:contract#/${pointer(...base, 'content', contentType, 'schema')}`;
}

// Which operation a request is: {path, method, operation}, or null when the contract has none.
export function operationFor(method, url) {
	const { pathname } = new URL(url, 'http://postroom.test');
	const found = templates.find(({ pattern }) => pattern.test(pathname));
	const operation = found && contract.paths[found.path][method.toLowerCase()];
	return operation ? { path: found.path, method: method.toLowerCase(), operation } : null;
}

// Throws where a reply is not what the contract says. `body` is text.
export function checkReply(method, url, status, contentType, body) {
	const what = `${method} ${url} answered ${status}`;
	const found = operationFor(method, url);
	const type = (contentType ?? '').split(';')[0].trim();
	if (!found) {
		if (status < 400)
			throw new Error(`${what}, and api/openapi.yaml has no such operation`);
		const problem = schemaProblem('Problem', JSON.parse(body));
		if (problem)
			throw new Error(`${what}: ${problem}`);
		return;
	}
	const { responses } = found.operation;
	const key = responses[status] ? String(status) : status >= 400 && responses.default ? 'default' : null;
	if (!key)
		throw new Error(`${what}, which api/openapi.yaml does not describe: ${body.slice(0, 500)}`);
	const content = resolve(responses[key]).content;
	if (!content) {
		if (body !== '')
			throw new Error(`${what} with a body where there is none`);
		return;
	}
	if (!content[type])
		throw new Error(`${what} as ${type || 'nothing'}; described are ${Object.keys(content).join(', ')}: ${body.slice(0, 300)}`);
	if (!/json$/.test(type))
		return;
	const validate = ajv.getSchema(schemaPath(responses[key], ['paths', found.path, found.method, 'responses', key], type));
	if (!validate(JSON.parse(body)))
		throw new Error(`${what}: ${ajv.errorsText(validate.errors, { dataVar: 'reply' })}\n${body.slice(0, 2000)}`);
}
