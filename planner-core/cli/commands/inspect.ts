import { formatMemory } from '../../base/format';
import type { TensorSummary } from '../../session/types';
import { cacheText } from '../cacheText';
import { requireKnownDims, unknownDims } from '../knownDims';
import { openModelFile, overFiles } from '../models';
import { dimsOf, type Options } from '../options';
import { message, table } from '../output';

/** `headroom inspect`: structure, shapes and what could not be read, without a workload. */
export function inspect(files: readonly string[], options: Options): Promise<number> {
  return overFiles(files, options.json ?? false, async (file) => {
    const session = openModelFile(file);
    if (files.length === 1) requireKnownDims(session, options);
    else
      for (const name of unknownDims(session, options)) message(`--dim ${name} changes nothing in ${file}.`);
    const { summary, tensors, kvCache } = session.inspect(dimsOf(options));
    const { format, producer, opset, inputs, outputs, operatorCount, parameterCount, parameterBytes } =
      summary;
    const value = {
      format,
      producer,
      opset,
      inputs,
      outputs,
      operatorCount,
      parameterCount,
      parameterBytes,
      tensors,
      kvCache,
      unprofiledOperators: summary.unprofiledOperators,
      diagnostics: summary.diagnostics,
    };
    const text = table([
      ['format', `${format}, opset ${opset}, ${producer}`],
      ['operators', String(operatorCount)],
      ['parameters', `${parameterCount.toLocaleString('en')} (${formatMemory(parameterBytes)})`],
      ...inputs.map((input) => [`input ${input.name}`, tensorText(input)]),
      ...outputs.map((output) => [`output ${output.name}`, tensorText(output)]),
      ...(kvCache ? [['key-value cache', cacheText(kvCache)]] : []),
      ['unprofiled operators', summary.unprofiledOperators.join(', ') || 'none'],
      ...summary.diagnostics.map((d) => [
        `${d.severity} ${d.code}`,
        d.node ? `${d.node}: ${d.message}` : d.message,
      ]),
    ]);
    return { value, text };
  });
}

function tensorText({ dtype, shape }: TensorSummary): string {
  return `${dtype} ${shape ? `[${shape.join(', ')}]` : 'of unknown rank'}`;
}
