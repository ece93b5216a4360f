/* The table's columns: name, field to sort by, and the class that sets its width and when it gives way. */
import { W } from '../words';

export interface Column {
  name: keyof typeof W.columns;
  sort?: string;
  align?: 'end';
}

export const COLUMNS: Column[] = [
  { name: 'state' },
  { name: 'id', sort: 'id' },
  { name: 'arrival', sort: 'arrival' },
  { name: 'sender', sort: 'sender' },
  { name: 'recipients', sort: 'recipients' },
  { name: 'reason' },
  { name: 'size', sort: 'size', align: 'end' },
  { name: 'next', sort: 'next_retry' },
];

/** Beside these: the box and the arrow that opens a row. */
export const COLUMN_COUNT = COLUMNS.length + 2;
