/* What web/build/runbooks.mjs makes of docs/runbooks. */
declare module 'runbooks' {
  /** A piece of a line: text, a command or name, bold, or a link to another runbook. */
  export type Piece = string | { code: string } | { bold: string } | { to: string; text: string };
  export type Block =
    | { kind: 'heading'; text: string }
    | { kind: 'paragraph'; text: Piece[] }
    | { kind: 'list'; ordered: boolean; items: Piece[][] }
    | { kind: 'table'; head: Piece[][]; rows: Piece[][][] }
    | { kind: 'fence'; what: 'sh' | 'log' | 'text'; text: string };
  export interface Runbook {
    name: string;
    title: string;
    blocks: Block[];
  }
  const runbooks: Runbook[];
  export default runbooks;
}
