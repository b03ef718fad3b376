/** A line of the program that a model was exported from. */
export interface SourceLine {
  /** As the exporter wrote it: absolute, or relative to where it ran. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The function that the line is in. */
  readonly inFunction: string;
}

/** A trace of a genuine program is far shorter. */
const longestTrace = 65_536;
const frame = /File "([^"\n]{1,1024})", line (\d{1,8}), in ([^\n]{1,256})/g;
const packages = /(^|[\\/])(site|dist)-packages[\\/]|(^|[\\/])torch[\\/]nn[\\/]|^<.*>$/;

/**
 * Where in a person's program an operator comes from: the innermost line of a Python stack trace (outermost first) that is
 * not inside an installed package, else the innermost of all. Undefined where the trace names no line.
 */
export function sourceLine(stackTrace: string | undefined): SourceLine | undefined {
  if (stackTrace === undefined || stackTrace.length > longestTrace) return undefined;
  const lines = Array.from(stackTrace.matchAll(frame), ([, file, line, inFunction]): SourceLine => ({
    file,
    line: Number(line),
    inFunction,
  }));
  return lines.findLast(({ file }) => !packages.test(file)) ?? lines.at(-1);
}
