/* The way of a message through Postfix's queues. Decoration beside the list that says the same in words. */
import { W } from '../words';
import { helpPageWords as H } from '../words/help';

interface BoxProps {
  x: number;
  y: number;
  kind: string;
  title: string;
  text: string;
}

const BOX_WIDTH = 150;
const BOX_HEIGHT = 52;

function Box({ x, y, kind, title, text }: BoxProps) {
  return (
    <g class={`box ${kind}`} transform={`translate(${x} ${y})`}>
      <rect width={BOX_WIDTH} height={BOX_HEIGHT} rx="8" />
      <text x={BOX_WIDTH / 2} y="22" class="box-title">
        {title}
      </text>
      <text x={BOX_WIDTH / 2} y="40" class="box-text">
        {text}
      </text>
    </g>
  );
}

export function Diagram() {
  const { diagram } = H.help;
  return (
    <svg class="diagram" viewBox="-2 34 754 274" role="img" aria-label={diagram.label}>
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
          <path d="M0 0 8 4 0 8z" class="tip" />
        </marker>
      </defs>
      <Box x={0} y={40} kind="outside" title={diagram.smtp} text={diagram.smtpText} />
      <Box x={0} y={150} kind="maildrop" title={W.queue.maildrop.name} text={diagram.maildrop} />
      <Box x={190} y={40} kind="incoming" title={W.queue.incoming.name} text={diagram.incoming} />
      <Box x={380} y={40} kind="active" title={W.queue.active.name} text={diagram.active} />
      <Box x={600} y={40} kind="outside" title={diagram.out} text={diagram.outText} />
      <Box x={380} y={150} kind="deferred" title={W.queue.deferred.name} text={diagram.deferred} />
      <Box x={190} y={250} kind="hold" title={W.queue.hold.name} text={diagram.hold} />
      <Box x={600} y={150} kind="outside" title={diagram.returned} text={diagram.returnedText} />
      <Box x={600} y={250} kind="corrupt" title={W.queue.corrupt.name} text={diagram.corrupt} />
      <g class="arrows">
        <path d="M150 66 H184" />
        <path d="M150 176 H170 Q178 176 178 168 V80 Q178 72 184 72" />
        <path d="M340 66 H374" />
        <path d="M530 66 H594" />
        <path d="M440 92 V144" />
        <path d="M470 150 V98" />
        <path d="M530 176 H594" />
        <path d="M265 92 V244" class="dashed" />
        <path d="M420 202 V268 Q420 276 412 276 H346" class="dashed" />
        <path d="M346 286 H440 Q448 286 448 278 V208" />
      </g>
      <g class="arrow-words">
        <text x="432" y="124" class="end">
          {diagram.failed}
        </text>
        <text x="478" y="124">
          {diagram.retry}
        </text>
        <text x="257" y="226" class="end">
          {diagram.holdVerb}
        </text>
        <text x="456" y="246">
          {diagram.releaseVerb}
        </text>
        <text x="536" y="169">
          {diagram.expired}
        </text>
      </g>
    </svg>
  );
}
