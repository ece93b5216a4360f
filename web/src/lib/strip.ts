/* A line of samples as SVG paths. Gaps are gaps. */

export interface Frame {
  /** Both in the unit of the times. */
  from: number;
  to: number;
  most: number;
  width: number;
  height: number;
}

/** The line and the area below it; where a value is null both are interrupted. */
export function pathsOf(times: readonly number[], values: readonly (number | null)[], frame: Frame): { line: string; area: string } {
  const x = (time: number): string => (((time - frame.from) / (frame.to - frame.from)) * frame.width).toFixed(1);
  const y = (value: number): string => (frame.height - (value / Math.max(1, frame.most)) * frame.height).toFixed(1);
  let line = '';
  let area = '';
  let begun: number | null = null;
  const end = (at: number) => {
    if (begun !== null) area += `L${x(times[at]!)} ${frame.height}L${x(times[begun]!)} ${frame.height}Z`;
    begun = null;
  };
  values.forEach((value, at) => {
    if (value === null) return end(at - 1);
    const step = `${begun === null ? 'M' : 'L'}${x(times[at]!)} ${y(value)}`;
    if (begun === null) begun = at;
    line += step;
    area += step;
  });
  end(values.length - 1);
  return { line, area };
}
