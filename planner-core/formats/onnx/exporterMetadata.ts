import type { Operator } from '../../graph/modelGraph';
import { parsePythonList } from '../../graph/pythonList';

/** What PyTorch's exporter for torch.export programs says about a node. */
export interface ExporterMetadata {
  /** Qualified names of the modules around the node, outermost first; the root is ''. */
  readonly modules: readonly string[];
  /** Classes of these modules with their packages, where they are recorded. */
  readonly classPaths: readonly string[];
  readonly source: NonNullable<Operator['source']>;
}

/** Stands where PyTorch does not know the module of a node. */
const noModules = '_empty_nn_module_stack_from_metadata_hook';

/**
 * Reads a node's metadata; undefined where it has no scopes. The scopes are a list such as
 * `['', 'layer1', 'layer1.0', 'conv2d_4']`: modules, then the FX node; the class hierarchy runs in parallel.
 */
export function exporterMetadata(metadata: ReadonlyMap<string, string>): ExporterMetadata | undefined {
  const scopes = parsePythonList(metadata.get('pkg.torch.onnx.name_scopes') ?? '');
  if (!scopes || scopes.length === 0) return undefined;
  const classes =
    parsePythonList(metadata.get('pkg.torch.onnx.class_hierarchy') ?? '') ?? namespaceClasses(metadata);
  const isParallel = classes?.length === scopes.length;
  const known = scopes[0] !== noModules;
  return {
    // A module's second call has "@1" behind its name.
    modules: known ? scopes.slice(0, -1).map((name) => name.replace(/@\d+/g, '')) : [],
    classPaths: known && isParallel ? classes.slice(0, -1) : [],
    source: {
      fxNode: scopes.at(-1),
      target: isParallel ? classes.at(-1) : undefined,
      stackTrace: metadata.get('pkg.torch.onnx.stack_trace'),
      dtype: requestedType(metadata.get('pkg.torch.onnx.fx_node')),
    },
  };
}

/** float32 for `call_function[target=torch.ops.aten.softmax.int](args = (%x, -1, torch.float32), kwargs = {})`. */
const requestedType = (fxNode: string | undefined): string | undefined =>
  fxNode && /(?:, |dtype: )torch\.(\w+)[,)}]/.exec(fxNode)?.[1];

/** `: models.Net/layer1: torch.nn.Sequential/conv2d: aten.conv2d.default`: what stands behind the colons. */
function namespaceClasses(metadata: ReadonlyMap<string, string>): string[] | undefined {
  return metadata
    .get('namespace')
    ?.split('/')
    .map((part) => part.slice(part.lastIndexOf(': ') + 2));
}
