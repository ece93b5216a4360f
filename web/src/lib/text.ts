/*
 * What a stranger wrote may hold characters that nobody sees: controls, zero-width ones, and marks that turn the
 * direction of the text, so that an address reads as another. They are cut out here and shown as marks.
 */
export type Piece = { text: string } | { mark: string; code: number };

/* C0 (but tab and newline, which the caller may want), DEL, C1, and all of Unicode's invisible format characters. */
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffd\u{e0000}-\u{e0fff}\u{1d173}-\u{1d17a}]/gu;

export const codePoint = (char: string): string => `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

/** Splits a text into what may be shown as it is and marks for what may not. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(INVISIBLE)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    const code = match[0].codePointAt(0)!;
    found.push({ mark: codePoint(match[0]), code });
    from = match.index + match[0].length;
  }
  if (from < text.length || found.length === 0) found.push({ text: text.slice(from) });
  return found;
}

/** The same as plain text, for titles, labels and what is read aloud. */
export const plain = (text: string): string =>
  pieces(text)
    .map((piece) => ('text' in piece ? piece.text : `[${piece.mark}]`))
    .join('');

/**
 * A reason without what the row says anyway: "host mx.example[192.0.2.1] said: 452 4.2.2 Full (in reply to ...)" is
 * "452 4.2.2 Full". The whole text is for the hover and the open row.
 */
export const shortReason = (reason: string): string =>
  reason.replace(/^(?:host \S+ (?:said|refused to talk to me): )/, '').replace(/ \(in reply to [^()]*\)$/, '');

export const hasInvisible = (text: string): boolean => text.search(INVISIBLE) >= 0;
