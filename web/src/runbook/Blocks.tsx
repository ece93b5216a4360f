/* The blocks of a runbook as elements of the page. */
import type { Block, Piece } from 'runbooks';
import { hrefOf } from '../state/route';
import { CopyButton } from '../ui/Problem';
import { runbookPageWords as R } from '../words/runbook';

export function Line({ pieces }: { pieces: Piece[] }) {
  return (
    <>
      {pieces.map((piece) => {
        if (typeof piece === 'string') return piece;
        if ('code' in piece) return <code>{piece.code}</code>;
        if ('bold' in piece) return <strong>{piece.bold}</strong>;
        return <a href={hrefOf({ page: 'runbook', id: piece.to })}>{piece.text}</a>;
      })}
    </>
  );
}

function List({ ordered, items }: { ordered: boolean; items: Piece[][] }) {
  const lines = items.map((pieces, at) => (
    <li key={at}>
      <Line pieces={pieces} />
    </li>
  ));
  return ordered ? <ol>{lines}</ol> : <ul>{lines}</ul>;
}

function Table({ head, rows }: { head: Piece[][]; rows: Piece[][][] }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={R.table}>
      <table class="plain">
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col">
                <Line pieces={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, place) => (
                <td key={place}>
                  <Line pieces={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Fence({ what, text }: { what: 'sh' | 'log' | 'text'; text: string }) {
  return (
    <div class={`fence ${what}`}>
      <pre class="source wrap" aria-label={R.fence[what]}>
        {text}
      </pre>
      {what !== 'log' && <CopyButton text={text} />}
    </div>
  );
}

function One({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return <h2>{block.text}</h2>;
    case 'paragraph':
      return (
        <p>
          <Line pieces={block.text} />
        </p>
      );
    case 'list':
      return <List {...block} />;
    case 'table':
      return <Table {...block} />;
    case 'fence':
      return <Fence {...block} />;
  }
}

export function Blocks({ blocks }: { blocks: Block[] }) {
  return (
    <>
      {blocks.map((block, at) => (
        <One key={at} block={block} />
      ))}
    </>
  );
}
