import type { Operator } from '../graph/modelGraph';
import { activationRules } from './activations';
import { atenRules } from './aten';
import { attentionRules } from './attention';
import { castRules } from './casts';
import { classicalLearningRules } from './classicalLearning';
import { contribRules } from './contrib';
import { controlRules } from './control';
import { convolutionRules } from './convolution';
import { einsumRules } from './einsum';
import { elementwiseRules } from './elementwise';
import { generatorRules } from './generators';
import { indexingRules } from './indexing';
import { flexAttentionRules, linearAttentionRules } from './linearAttention';
import { matmulRules } from './matmul';
import { normalizationRules } from './normalization';
import { optimizerRules } from './optimizers';
import type { RuleTable } from './parts';
import { poolingRules } from './pooling';
import { probabilityRules } from './probability';
import { quantizationRules } from './quantization';
import { recurrentRules } from './recurrent';
import { reductionRules } from './reductions';
import { resizeRules } from './resize';
import type { OperatorRule } from './rule';
import { sequenceRules } from './sequences';
import { shapeRules } from './shapeOps';
import { signalRules } from './signal';
import { textRules } from './text';

const onnxRules: RuleTable = {
  ...activationRules,
  ...attentionRules,
  ...castRules,
  ...controlRules,
  ...convolutionRules,
  ...einsumRules,
  ...elementwiseRules,
  ...generatorRules,
  ...indexingRules,
  ...linearAttentionRules,
  ...matmulRules,
  ...normalizationRules,
  ...poolingRules,
  ...probabilityRules,
  ...quantizationRules,
  ...recurrentRules,
  ...reductionRules,
  ...resizeRules,
  ...sequenceRules,
  ...shapeRules,
  ...signalRules,
  ...textRules,
};

const domains: Readonly<Record<string, RuleTable>> = {
  '': onnxRules,
  'ai.onnx': onnxRules,
  'ai.onnx.ml': classicalLearningRules,
  'ai.onnx.preview': flexAttentionRules,
  'ai.onnx.preview.training': optimizerRules,
  'com.microsoft': contribRules,
  aten: atenRules,
};

const ruleTables: ReadonlyMap<string, ReadonlyMap<string, OperatorRule>> = new Map(
  Object.entries(domains).map(([domain, table]) => [domain, new Map(Object.entries(table))]),
);

/** What Headroom knows about an operator's type; undefined when it has no rule. */
export function ruleOf({ domain, type }: Pick<Operator, 'domain' | 'type'>): OperatorRule | undefined {
  return ruleTables.get(domain)?.get(type);
}

/** "Type" for the operators of ai.onnx, "domain::Type" for others. */
export function operatorTypeName({ domain, type }: Pick<Operator, 'domain' | 'type'>): string {
  return domain === '' || domain === 'ai.onnx' ? type : `${domain}::${type}`;
}

/** Domain and type of every operator with a rule, in a fixed order. */
export function profiledOperators(): readonly { readonly domain: string; readonly type: string }[] {
  return Object.keys(domains)
    .filter((domain) => domain !== 'ai.onnx')
    .flatMap((domain) =>
      Object.keys(domains[domain])
        .sort()
        .map((type) => ({ domain, type })),
    );
}
