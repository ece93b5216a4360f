/*
 * Finds words that stand outside of the catalogues (src/words): text between tags, texts in attributes that are shown or
 * read aloud, and other strings that read like words. Also what reads a catalogue before the language is known.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const src = resolve(dirname(fileURLToPath(import.meta.url)), '../src');

/* Attributes that people see or hear. */
const SHOWN = new Set([
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'title',
  'placeholder',
  'alt',
  'label',
  'hint',
  'legend',
  'text',
]);
/* Attributes that hold no words, whatever they look like. */
const NOT_SHOWN = new Set([
  'class',
  'style',
  'viewBox',
  'd',
  'href',
  'rel',
  'autocomplete',
  'lang',
  'sandbox',
  'pattern',
  'transform',
  'points',
]);

/* What stands in all languages as it is: text => why. */
const EVERYWHERE = new Map([
  ['Postroom', 'the name'],
  ['Postfix', 'the name'],
  ['TLS', 'the name of a protocol'],
  ['Authorization', 'a header of HTTP'],
  ['Bearer', 'a word of HTTP'],
  ['color-mix(in srgb,', 'a style'],
  ['[data-grid], .drawer, .message-page, main', 'a selector'],
  ['Enter', 'what is written on the key'],
  ['Ctrl-K', 'what is written on the keys'],
  ['(Ctrl-K)', 'what is written on the keys'],
  ['r', 'what is written on the key'],
  ['postqueue -f', 'a command'],
  ['postfix reload', 'a command'],
  ['postroom user add NAME --role admin', 'a command'],
  ['Authorization: Bearer …', 'a header of HTTP'],
  ['access.otp', 'a setting'],
  ['postroom audit verify', 'a command'],
  ['sudo postroom audit key', 'a command'],
  ['curl -H "Authorization: Bearer $TOKEN"', 'a command'],
  ...['Chrome', 'Edge', 'Firefox', 'Opera'].map((name) => [name, 'the name of a browser']),
]);

const letters = (text) => /\p{L}/u.test(text.replace(/\{\w+\}/g, ''));
/* Two words side by side, or one that begins a sentence. */
const likeWords = (text) => /\p{L}{2,}[,:.;]? \p{L}{2,}/u.test(text) || /^\p{Lu}\p{Ll}{2,}[.!?…]?$/u.test(text.trim());
const isAllowed = (text) => !letters(text) || EVERYWHERE.has(text.replace(/^[\s,]+|\s+$/g, ''));

/** The texts of a literal or template, without what is put into it. */
function textsOf(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
  return [];
}

const nameOf = (attribute) => attribute.name.getText();

/** Where a literal belongs to: the attribute that it is in, 'child' between tags, or '' elsewhere. */
function placeOf(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (ts.isJsxAttribute(at)) return nameOf(at);
    if (ts.isJsxExpression(at) && (ts.isJsxElement(at.parent) || ts.isJsxFragment(at.parent))) return 'child';
    if (ts.isFunctionLike(at) || ts.isCallExpression(at) || ts.isElementAccessExpression(at)) return '';
  }
  return '';
}

/** Not for people: modules, types, keys, what is compared, and arguments of what works on selectors, events and classes. */
function isCode(node) {
  const { parent } = node;
  if (
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    ts.isLiteralTypeNode(parent) ||
    ts.isExternalModuleReference(parent)
  )
    return true;
  if (ts.isPropertyAssignment(parent)) return parent.name === node || parent.name.getText() === 'filter';
  if (ts.isElementAccessExpression(parent) || ts.isCaseClause(parent)) return true;
  if (ts.isBinaryExpression(parent) && /^[=!]==?$|^in$/.test(parent.operatorToken.getText())) return true;
  if (ts.isCallExpression(parent))
    return /(^|\.)(querySelector|querySelectorAll|closest|matches|matching|matchMedia|addEventListener|removeEventListener|getAttribute|includes|startsWith|endsWith|Error|DateTimeFormat|set|has|get)$/.test(
      parent.expression.getText(),
    );
  return ts.isNewExpression(parent) && /Error$/.test(parent.expression.getText());
}

/** Reads of a catalogue outside of every function: they would keep English words. Keys are the same in all languages. */
function readsEarly(node, names) {
  if (!ts.isIdentifier(node) || !names.has(node.text) || !ts.isPropertyAccessExpression(node.parent) || node.parent.expression !== node)
    return false;
  for (let at = node.parent; at; at = at.parent) {
    if (ts.isFunctionLike(at) || ts.isTypeNode(at) || ts.isTypeQueryNode(at)) return false;
    if (ts.isCallExpression(at) && at.expression.getText() === 'Object.keys') return false;
  }
  return true;
}

/** What is wrong with one file, one line each. */
export function wordsIn(text, name) {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true, name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const wrong = [];
  const say = (node, what) => wrong.push(`${name}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${what}`);
  const first = new Set();
  const visit = (node) => {
    if (ts.isImportDeclaration(node) && /(^|\/)words$/.test(node.moduleSpecifier.text))
      node.importClause?.namedBindings?.elements?.forEach((each) => first.add(each.name.text));
    if (readsEarly(node, first)) say(node, `${node.parent.getText()} is read before the language is known: read it where it is shown`);
    if (ts.isJsxText(node) && !isAllowed(node.text)) say(node, `words outside of the catalogues: ${node.text.trim()}`);
    const texts = textsOf(node);
    if (texts.length > 0 && !isCode(node)) {
      const place = placeOf(node);
      const shown = place === 'child' || SHOWN.has(place);
      const bad = NOT_SHOWN.has(place) ? [] : texts.filter((each) => !isAllowed(each) && (shown ? letters(each) : likeWords(each)));
      if (bad.length > 0) say(node, `words outside of the catalogues: ${bad.map((each) => each.trim()).join(' … ')}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return wrong;
}

function files(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    /* The documentation is English. */
    if (entry.isDirectory()) return ['words', 'docs'].includes(relative(src, path)) ? [] : files(path);
    return /(?<!\.d)\.tsx?$/.test(entry.name) && !path.endsWith('api/schema.ts') ? [path] : [];
  });
}

if (process.argv[1]?.endsWith('check-words.mjs')) {
  const wrong = files(src).flatMap((path) => wordsIn(readFileSync(path, 'utf8'), relative(src, path)));
  wrong.forEach((line) => console.log(`web/src/${line}`));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
