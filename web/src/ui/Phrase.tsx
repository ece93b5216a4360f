/* A sentence of the catalogue with parts of the page in it: each language puts them where they belong. */
import type { ComponentChildren } from 'preact';

interface Props {
  /** `{name}` stands for a part. */
  text: string;
  parts: Record<string, ComponentChildren>;
}

export function Phrase({ text, parts }: Props) {
  return <>{text.split(/\{(\w+)\}/).map((piece, at) => (at % 2 === 1 ? parts[piece] : piece))}</>;
}
