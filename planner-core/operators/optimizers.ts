import { mismatch } from './inferenceProblem';
import type { RuleTable } from './parts';
import type { OperatorRule, TensorFacts } from './rule';

/**
 * An optimizer's update of several tensors at once. Inputs after learning rate and step count come in groups of as many
 * tensors: parameters, gradients, then each state. Outputs: new parameters, then each new state.
 */
function update(stateGroups: number): OperatorRule {
  return {
    differentiable: false,
    infer(context) {
      const given = context.operator.inputs.length - 2;
      const groups = 2 + stateGroups;
      if (given < groups || given % groups !== 0) {
        throw mismatch(`${given} tensors are not ${groups} groups of the same length.`);
      }
      const count = given / groups;
      const group = (index: number): (TensorFacts | undefined)[] =>
        Array.from({ length: count }, (_, i) => {
          const facts = context.input(2 + index * count + i);
          return facts && { dtype: facts.dtype, shape: facts.shape };
        });
      const states = Array.from({ length: stateGroups }, (_, state) => group(2 + state));
      return [group(0), ...states].flat();
    },
  };
}

/** Derivatives of one tensor by each of the tensors named in `xs`, which are the first inputs. */
const Gradient: OperatorRule = {
  infer: (context) =>
    context.operator.outputs.map((_, position) => {
      const facts = context.input(position);
      return facts && { dtype: facts.dtype, shape: facts.shape };
    }),
};

/** Training steps inside a graph. Source: ONNX operator documentation, ai.onnx.preview.training 1. */
export const optimizerRules: RuleTable = {
  Adagrad: update(1),
  Momentum: update(1),
  Adam: update(2),
  Gradient,
};
