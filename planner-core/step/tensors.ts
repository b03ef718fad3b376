import { bytesOf, isFloat, type DType } from '../graph/dtype';
import type { ModelGraph, Operator, TensorRole } from '../graph/modelGraph';
import { ruleOf } from '../operators/registry';
import type { AutocastClass, ConcreteTensor, OperatorRule, TensorFacts } from '../operators/rule';
import type { Precision, Workload } from './workload';

/** Sizes of every tensor at run time. */
export interface ConcreteTensors {
  /** By TensorId; undefined where shape or type are unknown. */
  readonly tensors: readonly (ConcreteTensor | undefined)[];
  /** The type autocast lowers matrix products to; undefined when autocast is off. */
  readonly halfType: DType | undefined;
}

/** Shapes as numbers, element types after the precision policy. */
export function concreteTensors(
  graph: ModelGraph,
  facts: readonly (TensorFacts | undefined)[],
  roles: readonly TensorRole[],
  precision: Precision,
  semantics: Workload['semantics'],
): ConcreteTensors {
  const pureType: DType | undefined = precision === 'bf16' ? 'bfloat16' : undefined;
  const halfType: DType | undefined =
    precision === 'bf16-autocast' ? 'bfloat16' : precision === 'fp16-autocast' ? 'float16' : undefined;
  const dtypes = facts.map((fact) => (fact?.dtype === 'float32' && pureType ? pureType : fact?.dtype));
  if (halfType) applyAutocast(graph, facts, dtypes, halfType, semantics);
  const tensors = facts.map((fact, id) => {
    const shape = fact?.shape;
    const dtype = dtypes[id];
    if (!shape || !dtype || !isConcrete(shape)) return undefined;
    const elements = shape.reduce((product, dim) => product * dim, 1);
    return { dtype, shape, elements, bytes: bytesOf(dtype, elements), role: roles[id] };
  });
  return { tensors, halfType };
}

function isConcrete(shape: readonly unknown[]): shape is readonly number[] {
  return shape.every((dim) => typeof dim === 'number');
}

/** Rewrites the types of computed floating-point tensors as torch.autocast would. */
function applyAutocast(
  graph: ModelGraph,
  facts: readonly (TensorFacts | undefined)[],
  dtypes: (DType | undefined)[],
  halfType: DType,
  semantics: Workload['semantics'],
): void {
  // Numbers, and tensors without dimensions, do not widen the type of what they are combined with (torch.result_type).
  const isNumber = (id: number): boolean =>
    facts[id]?.shape?.length === 0 ||
    (graph.tensors[id].role === 'constant' && (facts[id]?.elements?.length ?? 0) === 1);
  for (const operator of graph.operators) {
    if (operator.type === 'Cast') continue;
    if (operator.type === 'CastLike') {
      dtypes[operator.outputs[0]] = dtypes[operator.inputs[1]];
      continue;
    }
    const tensors = operator.inputs.filter((id) => id >= 0 && !isNumber(id));
    const floating = tensors.map((id) => dtypes[id]).filter(isAutocastable);
    const type = autocastResult(operator, floating, halfType, semantics);
    if (!type) continue;
    for (const output of operator.outputs) {
      if (output >= 0 && isAutocastable(dtypes[output])) dtypes[output] = type;
    }
  }
}

function autocastResult(
  operator: Operator,
  floating: readonly DType[],
  halfType: DType,
  semantics: Workload['semantics'],
): DType | undefined {
  if (floating.length === 0) return undefined;
  switch (autocastPolicy(ruleOf(operator), semantics)) {
    case 'half':
      return halfType;
    case 'first':
      return floating[0];
    case 'float':
      return 'float32';
    case 'promote':
      return floating.includes('float32') ? 'float32' : halfType;
  }
}

/** Autocast leaves double precision and integers alone. */
export function isAutocastable(dtype: DType | undefined): dtype is DType {
  return dtype !== undefined && isFloat(dtype) && dtype !== 'float64' && !dtype.startsWith('complex');
}

/** What autocast does to an operator. On the CPU its fp32 list has losses and little else. Source: autocast_mode.cpp. */
export function autocastPolicy(
  rule: OperatorRule | undefined,
  semantics: Workload['semantics'],
): AutocastClass {
  const policy = rule?.autocast ?? 'promote';
  return policy === 'float' && semantics === 'cpu' ? 'first' : policy;
}
