import { foldNames, namesLike, type FoldedNames } from '../base/foldNames';
import { appendTo, groupedBy } from '../base/groups';
import { naturalOrder } from '../base/naturalOrder';
import type { Decision } from './plan';

/** A row of the layer tree, as far as a summary wants to know. */
export interface NamedLayer {
  readonly id: number;
  /** -1 for the root's children. */
  readonly parent: number;
  readonly kind: 'module' | 'operator';
  readonly name: string;
}

/** Layers of which the plan decides the same, as one line. */
export interface DecisionLine {
  /** `recompute`, `offload on gpu1`, `keep (by hand)`. */
  readonly what: string;
  /** `transformer.h.{0-3,10}.mlp.act (5 of 12)` */
  readonly layers: string;
}

/** More single operators of one choice than this are told by the blocks that they are in. */
const mostOperators = 4;

/** What is decided, in words: `recompute on gpu1 (by hand)`. */
export const decisionText = ({ choice, device, pinned }: Decision): string =>
  [choice, device && (choice ? `on ${device}` : device), pinned ? '(by hand)' : undefined]
    .filter(Boolean)
    .join(' ');

/** Decisions of a plan in natural order, one a line. */
export function everyDecision(decisions: readonly Decision[]): DecisionLine[] {
  return [...decisions]
    .sort((a, b) => naturalOrder(a.kind, b.kind) || naturalOrder(a.target, b.target))
    .map((decision) => ({ what: decisionText(decision), layers: decision.target || 'the whole model' }));
}

/**
 * Decisions of a plan in few lines: layers that are alike but for a number are one line, which says how many there are of
 * the model's, and many single operators are counted by block. `layers` is the tree of the model.
 */
export function decisionSummary(
  decisions: readonly Decision[],
  layers: readonly NamedLayer[],
): DecisionLine[] {
  const modules = layers.flatMap(({ kind, name }) => (kind === 'module' ? [name] : []));
  return [...groupedBy(decisions, decisionText)].flatMap(([what, alike]) => {
    const named = (kind: Decision['kind']): string[] =>
      alike.flatMap((decision) => (decision.kind === kind ? [decision.target] : []));
    return [
      ...foldNames(named('module')).map((fold) => shareText(fold, modules)),
      ...operatorTexts(named('operator'), layers, modules),
    ].map((text) => ({ what, layers: text || 'the whole model' }));
  });
}

/** `h.{0-3}.mlp (4 of 12)`; a name alone stands for itself. */
function shareText(fold: FoldedNames, modules: readonly string[]): string {
  const { text, names } = fold;
  if (names.length === 1) return text;
  const count = namesLike(fold, modules).length;
  return names.length === count ? `${text} (all ${count})` : `${text} (${names.length} of ${count})`;
}

function operatorTexts(
  operators: readonly string[],
  layers: readonly NamedLayer[],
  modules: readonly string[],
): string[] {
  const folds = foldNames(operators);
  if (folds.length <= mostOperators) return folds.map(({ text }) => text);
  const blockOf = blocksOfOperators(layers);
  const inBlock = new Map<string, string[]>();
  const outside: string[] = [];
  for (const operator of operators) {
    const block = blockOf.get(operator);
    if (block === undefined) outside.push(operator);
    else appendTo(inBlock, block, operator);
  }
  const inBlocks = foldNames([...inBlock.keys()]).map((fold) => {
    const count = fold.names.reduce((sum, name) => sum + inBlock.get(name)!.length, 0);
    const [only] = count === 1 ? inBlock.get(fold.names[0])! : [];
    return only ?? `${count} operators in ${shareText(fold, modules)}`;
  });
  const others = foldNames(outside);
  if (others.length <= mostOperators) return [...inBlocks, ...others.map(({ text }) => text)];
  return [...inBlocks, `${outside.length} operators outside of blocks`];
}

/** By operator the outermost module around it that is one of several, by its number, or else the innermost one. */
function blocksOfOperators(layers: readonly NamedLayer[]): Map<string, string> {
  const byId = new Map(layers.map((layer) => [layer.id, layer]));
  const blocks = new Map<string, string>();
  for (const layer of layers) {
    if (layer.kind !== 'operator') continue;
    const around: NamedLayer[] = [];
    for (let at = byId.get(layer.parent); at; at = byId.get(at.parent)) around.push(at);
    const block = around.findLast(({ name }) => /\d$/.test(name)) ?? around[0];
    if (block) blocks.set(layer.name, block.name);
  }
  return blocks;
}
