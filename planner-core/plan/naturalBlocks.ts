import type { Layer } from './layerIndex';

/** A module that holds this share of its parent's forward computations is the trunk of the model. */
const trunkShare = 0.6;
/** A family of like siblings that covers this share of a level is the only thing worth wrapping there. */
const familyShare = 0.6;
/** Share of sub-module names two modules must have in common to be alike. */
const likeness = 0.7;

/** A module without sub-modules that is still worth a checkpoint: a recurrent layer, say. */
const manyComputations = 4;

/**
 * The modules people wrap in checkpoints: `layer1.0`, `transformer.h.3`, `encoder.layer.5`. Found by structure alone:
 * descend the trunk, take the level's modules that have parts of their own (where one family of like siblings
 * dominates: that family and what lies between its members), and open containers that hold nothing but like modules
 * (Sequential, ModuleList). In execution order; none is inside another.
 */
export function naturalBlocks(layers: readonly Layer[]): number[] {
  if (layers.length === 0) return [];
  const tree = new ModuleTree(layers);
  const level = tree.trunkLevel();
  const composites = inOrder(level.filter((layer) => tree.isComposite(layer)));
  const family = tree.largestFamily(composites);
  const dominates = family.length > 1 && nodeCount(family) >= familyShare * nodeCount(level);
  const opened = dominates && family.some((layer) => tree.stackOf(layer));
  // Between the members of a chain the others are links of it; between stages that are opened they are not.
  const chain = opened ? family : between(composites, family);
  const blocks = (dominates ? chain : composites).flatMap((layer) => tree.open(layer));
  return inOrder(blocks.filter((layer) => layer.checkpointable)).map((layer) => layer.id);
}

const inOrder = (layers: readonly Layer[]): Layer[] =>
  [...layers].sort((a, b) => a.forwardNodes[0] - b.forwardNodes[0]);

const between = (ordered: readonly Layer[], family: readonly Layer[]): Layer[] =>
  ordered.slice(ordered.indexOf(family[0]), ordered.lastIndexOf(family[family.length - 1]) + 1);

const nodeCount = (layers: readonly Layer[]): number =>
  layers.reduce((sum, layer) => sum + layer.forwardNodes.length, 0);

class ModuleTree {
  constructor(private readonly layers: readonly Layer[]) {}

  /** The members of the deepest level that the bulk of the model still passes through, all of it in one module. */
  trunkLevel(): Layer[] {
    let module = this.layers[0];
    for (;;) {
      const parts = this.parts(module);
      const trunk = parts.find(
        (part) =>
          part.forwardNodes.length >= trunkShare * module.forwardNodes.length &&
          this.parts(part).some((inner) => this.isComposite(inner)),
      );
      // An encoder and a decoder: two stacks beside each other are both the model.
      if (!trunk || parts.some((part) => part !== trunk && this.stackOf(part))) return parts;
      module = trunk;
    }
  }

  /** Sub-modules that compute something. */
  parts(layer: Layer): Layer[] {
    return layer.children.map((child) => this.layers[child]).filter((child) => child.forwardNodes.length > 0);
  }

  /** Has at least two modules inside that compute something of their own, or many computations. */
  isComposite(layer: Layer): boolean {
    const parts = this.parts(layer);
    if (parts.length === 0) return layer.forwardNodes.length >= manyComputations;
    return parts.length > 1 || (parts.length === 1 && this.isComposite(parts[0]));
  }

  /** Holds nothing but like composite modules, one after the other. */
  isContainer(layer: Layer): boolean {
    const parts = this.parts(layer);
    return (
      parts.length > 1 &&
      nodeCount(parts) === layer.forwardNodes.length &&
      parts.every((part) => this.isComposite(part) && this.areAlike(part, parts[0]))
    );
  }

  /** The container that is the layer, or that the bulk of it is; undefined when it is no stack of like modules. */
  stackOf(layer: Layer): Layer | undefined {
    if (this.isContainer(layer)) return layer;
    const bulk = this.parts(layer).find(
      (part) => part.forwardNodes.length >= trunkShare * layer.forwardNodes.length,
    );
    return bulk && this.stackOf(bulk);
  }

  /** The members of a stack, opened in turn; the layer itself when it is none. */
  open(layer: Layer): Layer[] {
    const stack = this.stackOf(layer);
    return stack ? this.parts(stack).flatMap((part) => this.open(part)) : [layer];
  }

  largestFamily(candidates: readonly Layer[]): Layer[] {
    const families: Layer[][] = [];
    for (const layer of candidates) {
      const known = families.find((family) => this.areAlike(family[0], layer));
      if (known) known.push(layer);
      else families.push([layer]);
    }
    return families.reduce((best, family) => (nodeCount(family) > nodeCount(best) ? family : best), []);
  }

  /** Labels of the parts without counters; a bare number says nothing: such a part is named by what it holds. */
  private partNames(layer: Layer): Set<string> {
    return new Set(
      this.parts(layer).map((part) => {
        const name = label(part);
        return /^\d+$/.test(name) ? `${name}(${this.parts(part).map(label).join()})` : labelPattern(part);
      }),
    );
  }

  private areAlike(a: Layer, b: Layer): boolean {
    if (labelPattern(a) !== labelPattern(b)) return false;
    if (a.className !== undefined && b.className !== undefined && a.className !== b.className) return false;
    const ofA = this.partNames(a);
    const ofB = this.partNames(b);
    const shared = [...ofA].filter((name) => ofB.has(name)).length;
    const larger = Math.max(ofA.size, ofB.size);
    // The first of a stage often has an extra part that changes the size: a subset is alike as well.
    const isSubset = shared === Math.min(ofA.size, ofB.size) && 2 * shared >= larger;
    if (isSubset || shared >= likeness * larger) return true;
    return a !== b && this.isContainer(a) && this.isContainer(b);
  }
}

const label = (layer: Layer): string => layer.name.slice(layer.name.lastIndexOf('.') + 1);

/** `inception3a` and `inception5b`, `0` and `17`, `encoder_layer_2`: what siblings made in a loop share. */
const labelPattern = (layer: Layer): string => label(layer).replace(/\d+[a-z]?$/, '#');
