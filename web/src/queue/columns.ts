/* The table's columns: name, and the fields to sort by; styles/grid.css has their places and when they give way. */
import type { W } from '../words';

type Name = keyof typeof W.columns;

export interface Column {
  name: Name;
  /** What the column can be sorted by, each with the name that its button has. */
  sorts: { field: string; name: Name; turned?: boolean }[];
  align?: 'end';
}

export const COLUMNS: Column[] = [
  { name: 'state', sorts: [] },
  {
    name: 'who',
    sorts: [
      { field: 'sender', name: 'sender' },
      { field: 'recipients', name: 'recipients' },
    ],
  },
  { name: 'subject', sorts: [] },
  { name: 'cause', sorts: [] },
  { name: 'size', sorts: [{ field: 'size', name: 'size' }], align: 'end' },
  /* The older, the earlier it arrived: what ascends there descends here. */
  { name: 'age', sorts: [{ field: 'arrival', name: 'age', turned: true }] },
  { name: 'next', sorts: [{ field: 'next_retry', name: 'next' }] },
  { name: 'id', sorts: [] },
];

/** Beside these: the box and the arrow that opens a row. */
export const COLUMN_COUNT = COLUMNS.length + 2;
