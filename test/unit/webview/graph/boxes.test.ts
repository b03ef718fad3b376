import { describe, expect, it } from 'vitest';
import type { LayerRow, StepView } from '../../../../planner-core/session/types';
import { layerTree } from '../../../../webview/state/layerTree';
import { boxesOf, defaultOpen, shownAncestor, visibleBoxes } from '../../../../webview/graph/boxes';
import { dataFlow } from '../../../../webview/graph/dataFlow';
import { graphModel } from '../../../../webview/graph/graphModel';
import { SyntheticPlanner } from '../../../bench/webviewHarness/syntheticPlanner';
import { sampleState, viewOf } from '../support/sample';

const { step } = viewOf(await sampleState());
if (!step) throw new Error('the sample has no step');
const { tree, view } = step;
const boxes = boxesOf(tree);
const flows = dataFlow(view.step, tree, boxes);

describe('boxes', () => {
  it('hold every operator that computes something, once', () => {
    const operators = tree.layers.filter(
      ({ kind, forwardNodes }) => kind === 'operator' && forwardNodes.length > 0,
    );
    for (const { id } of operators) expect(boxes.all[boxes.ofRow[id]].rows).toEqual([id]);
    const leaves = boxes.all.filter(({ children }) => children.length === 0);
    expect(leaves).toHaveLength(operators.length);
  });

  it('nest as the modules do', () => {
    for (const { id, parent, depth, children } of boxes.all.slice(1)) {
      expect(boxes.all[parent].children).toContain(id);
      expect(depth).toBe(boxes.all[parent].depth + 1);
      for (const child of children) expect(boxes.all[child].parent).toBe(id);
    }
  });

  it('never stand in large numbers side by side, however flat the model is', () => {
    const row = (id: number): LayerRow => ({
      ...tree.layers[0],
      id,
      parent: -1,
      kind: 'operator',
      name: `op${id}`,
      forwardNodes: [id],
    });
    const layers = Array.from({ length: 10_000 }, (_, id) => row(id));
    const flat = boxesOf(layerTree({ ...view, layers } as StepView));
    expect(Math.max(...flat.all.map(({ children }) => children.length))).toBeLessThanOrEqual(24);
    expect(flat.all.filter(({ isGroup }) => !isGroup)).toHaveLength(10_001);
    const groups = flat.all.filter(({ isGroup }) => isGroup);
    for (const { rows } of groups) rows.forEach((at, i) => i > 0 && expect(at).toBe(rows[i - 1] + 1));
    expect(new Set(flat.all.map(({ key }) => key)).size, 'keys are unique').toBe(flat.all.length);
  });

  it('open until there is something to see, and say what holds what', () => {
    const open = defaultOpen(boxes);
    expect(visibleBoxes(boxes.all, open).filter(({ id }) => !open.has(id)).length).toBeGreaterThan(3);
    const inner = boxes.byKey.get('module transformer.h.1.attn')!;
    expect(shownAncestor(boxes.all, new Set([0]), inner)).toBe(boxes.byKey.get('module transformer'));
    const all = new Set(boxes.all.keys());
    expect(shownAncestor(boxes.all, all, inner)).toBe(inner);
  });
});

describe('the data flow', () => {
  it('joins boxes side by side, from what makes a tensor to what reads it', () => {
    for (const [parent, between] of flows) {
      for (const { from, to, bytes } of between) {
        expect(boxes.all[from].parent).toBe(parent);
        expect(boxes.all[to].parent).toBe(parent);
        expect(from).not.toBe(to);
        expect(bytes).toBeGreaterThan(0);
      }
    }
    const blocks = flows.get(boxes.byKey.get('module transformer.h')!) ?? [];
    const names = blocks.map(({ from, to }) => `${boxes.all[from].key} > ${boxes.all[to].key}`);
    expect(names).toContain('module transformer.h.0 > module transformer.h.1');
    expect(names).not.toContain('module transformer.h.1 > module transformer.h.0');
  });
});

describe('the layout', () => {
  const model = graphModel(step);
  const layoutWith = (keys: readonly string[]) =>
    model.layout(new Set([0, ...keys.map((key) => model.boxes.byKey.get(key)!)]));

  it('lays out what is to be seen and nothing else, each box inside the one that holds it', () => {
    const keys = ['module transformer', 'module transformer.h', 'module transformer.h.0'];
    const open = new Set([0, ...keys.map((key) => model.boxes.byKey.get(key)!)]);
    const { places } = model.layout(open);
    const visible = visibleBoxes(model.boxes.all, open);
    expect([...places.keys()].sort()).toEqual(visible.map(({ id }) => id).sort());
    for (const { id, parent } of visible.filter((box) => box.parent > 0)) {
      const [inner, outer] = [places.get(id)!, places.get(parent)!];
      expect(inner.x).toBeGreaterThanOrEqual(outer.x);
      expect(inner.y).toBeGreaterThanOrEqual(outer.y);
      expect(inner.x + inner.width).toBeLessThanOrEqual(outer.x + outer.width);
      expect(inner.y + inner.height).toBeLessThanOrEqual(outer.y + outer.height);
    }
  });

  it('keeps boxes side by side apart, and the flow going to the right', () => {
    const { places, routes } = layoutWith(['module transformer', 'module transformer.h']);
    const ids = [...places.keys()];
    for (const a of ids) {
      for (const b of ids) {
        if (a >= b || model.boxes.all[a].parent !== model.boxes.all[b].parent) continue;
        const [one, other] = [places.get(a)!, places.get(b)!];
        const apart =
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y;
        expect(apart, `${a} and ${b}`).toBe(true);
      }
    }
    for (const { flow } of routes) expect(places.get(flow.to)!.x).toBeGreaterThan(places.get(flow.from)!.x);
  });

  it('is the same again', () => {
    const again = graphModel({ ...step, view: { ...view } });
    const keys = ['module transformer', 'module transformer.h'];
    const open = new Set([0, ...keys.map((key) => again.boxes.byKey.get(key)!)]);
    expect(again.layout(open)).toEqual(layoutWith(keys));
  });
});

it('takes a deep model', async () => {
  const planner = new SyntheticPlanner(400, 1, ['gpu0']);
  const large = viewOf({
    ...(await sampleState()),
    step: await planner.configure(),
    plan: undefined,
    frontier: undefined,
  });
  const model = graphModel(large.step!);
  const { places } = model.layout(
    new Set(
      model.boxes.byKey.has('module transformer.h')
        ? [0, model.boxes.byKey.get('module transformer')!, model.boxes.byKey.get('module transformer.h')!]
        : [0],
    ),
  );
  expect(places.size).toBeLessThan(80);
});
