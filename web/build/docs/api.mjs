/* The contract as pages: a table of all operations, one page for each group of resources, and one of all schemas. */
import { parse } from 'yaml';
import { escapeHtml, Mistake, withCode } from './text.mjs';

export const SCHEMAS = 'api-schemas.html';
const METHODS = ['get', 'post', 'put', 'delete', 'patch'];

/* Resources that belong together, by the first word of the path behind /api/v1; what is in none of them is of the service. */
const GROUPS = [
  { name: 'queue', title: 'API: the queue and its messages', resources: ['queue', 'messages', 'views', 'print', 'events'] },
  {
    name: 'questions',
    title: 'API: filters, groups and the past',
    resources: ['filters', 'groups', 'trace', 'history', 'series', 'saved-views'],
  },
  { name: 'actions', title: 'API: previews, jobs, pauses and settings', resources: ['previews', 'jobs', 'flush', 'pauses', 'settings'] },
  { name: 'incidents', title: 'API: incidents, alerts and probes', resources: ['incidents', 'alerts', 'probes'] },
  { name: 'access', title: 'API: who comes in', resources: ['me', 'login', 'logout', 'login-links', 'users', 'tokens'] },
  { name: 'service', title: 'API: the service itself', resources: [] },
];

const groupOf = (path) => {
  const resource = /^\/(?:api\/v1\/)?([a-z-]+)/.exec(path)?.[1];
  return GROUPS.find(({ resources }) => resources.includes(resource)) ?? GROUPS.at(-1);
};

/** The contract, and what a reference in it means. */
class Contract {
  constructor(text) {
    this.root = parse(text, { maxAliasCount: -1 });
    this.links = [];
    this.schemas = this.root.components.schemas;
  }

  resolve(node) {
    if (!node?.$ref) return node;
    const found = node.$ref
      .replace(/^#\//, '')
      .split('/')
      .reduce((at, key) => at?.[key], this.root);
    if (!found) throw new Mistake(`api/openapi.yaml: nothing stands at ${node.$ref}`);
    return found;
  }

  /** All operations in their order: {method, path, operation, parameters, id}. */
  operations() {
    return Object.entries(this.root.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => ({
        method: method.toUpperCase(),
        path,
        operation: item[method],
        parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((p) => this.resolve(p)),
      })),
    );
  }
}

const list = (values) => values.map((value) => `<code>${escapeHtml(JSON.stringify(value).replace(/^"|"$/g, ''))}</code>`).join(', ');

/** What a value is, in a line of words. */
function typeOf(contract, schema) {
  if (schema.$ref) {
    const name = /^#\/components\/schemas\/(.*)$/.exec(schema.$ref)?.[1];
    if (!name) return typeOf(contract, contract.resolve(schema));
    contract.resolve(schema);
    contract.links.push(`${SCHEMAS}#${name}`);
    return `<a href="${SCHEMAS}#${name}">${name}</a>`;
  }
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.map((one) => typeOf(contract, one)).join(' or ');
  if (schema.allOf) return schema.allOf.map((one) => typeOf(contract, one)).join(' with ');
  if ('const' in schema) return list([schema.const]);
  if (schema.enum) return `one of ${list(schema.enum)}`;
  const types = [schema.type ?? 'any'].flat();
  return types.map((type) => (type === 'array' ? `array of ${typeOf(contract, schema.items ?? {})}` : type)).join(' or ') + bounds(schema);
}

const BOUNDS = [
  ['minimum', 'at least N'],
  ['maximum', 'at most N'],
  ['exclusiveMinimum', 'more than N'],
  ['minLength', 'at least N characters'],
  ['maxLength', 'at most N characters'],
  ['minItems', 'at least N items'],
  ['maxItems', 'at most N items'],
];

function bounds(schema) {
  const words = BOUNDS.filter(([key]) => schema[key] !== undefined).map(([key, words]) => words.replace('N', schema[key]));
  if (schema.format) words.unshift(schema.format);
  if (schema.pattern) words.push(`like <code>${escapeHtml(schema.pattern)}</code>`);
  if (schema.default !== undefined) words.push(`usually ${list([schema.default])}`);
  return words.length ? ` (${words.join(', ')})` : '';
}

/** The members of an object, with those of objects inside of it; '' for what has none. */
function members(contract, schema) {
  if (schema.$ref) return '';
  const inside = schema.properties ? schema : schema.items && !schema.items.$ref ? schema.items : null;
  const parts = (schema.oneOf ?? schema.allOf ?? schema.anyOf ?? []).map((one) => members(contract, one)).join('');
  if (!inside?.properties) return inside && inside !== schema ? members(contract, inside) : parts;
  const lines = Object.entries(inside.properties).map(([name, member]) => {
    const must = inside.required?.includes(name) ? '' : ' <em>optional</em>';
    const what = member.description ? `<p>${withCode(member.description)}</p>` : '';
    return `<dt><code>${escapeHtml(name)}</code>${must} ${typeOf(contract, member)}</dt>\n<dd>${what}${members(contract, member)}</dd>`;
  });
  return `<dl class="members">\n${lines.join('\n')}\n</dl>\n${parts}`;
}

function schemaHtml(contract, schema) {
  return `<p>${typeOf(contract, schema)}</p>\n${members(contract, schema)}`;
}

function contentHtml(contract, content) {
  return Object.entries(content ?? {})
    .map(([type, { schema }]) => `<p><code>${escapeHtml(type)}</code>: ${typeOf(contract, schema)}</p>\n${members(contract, schema)}`)
    .join('');
}

function parametersHtml(contract, parameters) {
  if (!parameters.length) return '';
  const lines = parameters.map(({ name, in: where, required, description, schema }) => {
    const must = required ? '' : ' <em>optional</em>';
    return `<dt><code>${escapeHtml(name)}</code> in the ${where}${must}: ${typeOf(contract, schema)}</dt>\n<dd>${description ? `<p>${withCode(description)}</p>` : ''}</dd>`;
  });
  return `<h3>Parameters</h3>\n<dl class="members">\n${lines.join('\n')}\n</dl>\n`;
}

function bodyHtml(contract, operation) {
  const body = contract.resolve(operation.requestBody);
  return body ? `<h3>Body</h3>\n${contentHtml(contract, body.content)}` : '';
}

function responsesHtml(contract, responses) {
  const lines = Object.entries(responses)
    .filter(([status]) => status !== 'default')
    .map(([status, response]) => {
      const { description, content } = contract.resolve(response);
      return `<dt><code>${status}</code> ${withCode(description)}</dt>\n<dd>${contentHtml(contract, content)}</dd>`;
    });
  return `<h3>Answers</h3>\n<dl class="members">\n${lines.join('\n')}\n</dl>\n`;
}

const anchor = ({ operation }) => operation.operationId;

function operationHtml(contract, found) {
  const { method, path, operation, parameters } = found;
  const limit = operation['x-body-limit'] ? ` The body has at most ${operation['x-body-limit']} bytes.` : '';
  const right = operation['x-right'] === 'public' ? 'Everybody may call it.' : `Needs the right <code>${operation['x-right']}</code>.`;
  return (
    `<h2 id="${anchor(found)}"><span class="method">${method}</span> ${escapeHtml(path)}</h2>\n` +
    (operation.summary ? `<p>${withCode(operation.summary)}</p>\n` : '') +
    (operation.description ? `<p>${withCode(operation.description)}</p>\n` : '') +
    `<p>${right}${limit}</p>\n` +
    parametersHtml(contract, parameters) +
    bodyHtml(contract, operation) +
    responsesHtml(contract, operation.responses)
  );
}

const headingOf = (found) => ({ level: 2, id: anchor(found), text: `${found.method} ${found.path}` });

function groupPage(contract, group, operations) {
  contract.links = [];
  const html = `<h1>${group.title}</h1>\n${operations.map((found) => operationHtml(contract, found)).join('')}`;
  return { file: `api-${group.name}.html`, title: group.title, html, headings: operations.map(headingOf), links: contract.links };
}

function schemasPage(contract) {
  contract.links = [];
  const names = Object.keys(contract.schemas).sort();
  const html = names.map((name) => {
    const schema = contract.schemas[name];
    return `<h2 id="${name}">${name}</h2>\n${schema.description ? `<p>${withCode(schema.description)}</p>\n` : ''}${schemaHtml(contract, schema)}`;
  });
  return {
    file: SCHEMAS,
    title: 'API: schemas',
    html: `<h1>API: schemas</h1>\n<p>What the operations take and give, by name.</p>\n${html.join('')}`,
    headings: names.map((name) => ({ level: 2, id: name, text: name })),
    links: contract.links,
  };
}

/** {table, pages}: HTML that lists all operations with its links, and the pages behind it. */
export function readContract(text) {
  const contract = new Contract(text);
  const operations = contract.operations();
  if (!operations.length) throw new Mistake('api/openapi.yaml: no operations');
  const links = [];
  const rows = operations.map((found) => {
    const to = `api-${groupOf(found.path).name}.html#${anchor(found)}`;
    links.push(to);
    return `<tr><td><a href="${to}"><span class="method">${found.method}</span> ${escapeHtml(found.path)}</a></td><td>${escapeHtml(found.operation['x-right'] ?? '')}</td><td>${withCode(found.operation.summary ?? '')}</td></tr>`;
  });
  const table = `<div class="table" role="group" aria-label="Operations" tabindex="0"><table>\n<thead><tr><th>operation</th><th>right</th><th>what it does</th></tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody></table></div>\n`;
  const pages = GROUPS.map((group) =>
    groupPage(
      contract,
      group,
      operations.filter(({ path }) => groupOf(path) === group),
    ),
  );
  return { table, links, pages: [...pages.filter(({ headings }) => headings.length), schemasPage(contract)] };
}
