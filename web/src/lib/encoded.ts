/*
 * Encoded words of RFC 2047 in a subject that the service left as they stand, because their character set is none of
 * the few it knows: for showing only. What cannot be decoded stays as it is.
 */
const WORD = /=\?([A-Za-z0-9_.:-]+)(?:\*[A-Za-z0-9-]*)?\?([bqBQ])\?([^?\s]*)\?=/g;

function bytesOf(encoding: string, text: string): Uint8Array {
  if (encoding.toLowerCase() === 'b') return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const plain = text.replace(/_/g, ' ').replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

export function decodeWords(text: string): string {
  /* Blanks between two encoded words belong to neither (RFC 2047, 6.2). */
  const joined = text.replace(/(\?=)\s+(?==\?[^?]+\?[bqBQ]\?)/g, '$1');
  return joined.replace(WORD, (whole, charset: string, encoding: string, coded: string) => {
    try {
      return new TextDecoder(charset).decode(bytesOf(encoding, coded)).replace(/[\r\n]+/g, ' ');
    } catch {
      return whole;
    }
  });
}
