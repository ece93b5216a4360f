/* What all parts of the site share: the one place that escapes, the texts behind HTML, and mistakes with their place. */

/** A mistake in what is to become the site; its text begins with the file. */
export class Mistake extends Error {}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0', '#39': "'" };

/** Text for HTML, also inside of an attribute's double quotes. */
export const escapeHtml = (text) => text.replace(/[&<>"]/g, (c) => ESCAPES[c]);

/** The few entities that authors write and that mandoc makes; others stay as they are. */
export const decodeEntities = (text) =>
  text
    .replace(/&#x([0-9a-fA-F]{1,5});/g, (_, digits) => String.fromCodePoint(parseInt(digits, 16)))
    .replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name) => ENTITIES[name]);

/** The text of HTML that the generator itself has made. */
export const textOf = (html) =>
  decodeEntities(html.replace(/<[^>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim();

/** `code` in a line of the contract, everything else as it is. */
export const withCode = (text) => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
