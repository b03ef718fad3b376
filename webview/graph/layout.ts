import { Graph, layout as dagreLayout } from '@dagrejs/dagre';
import { isOpenable, type Box, type Boxes } from './boxes';
import type { Flow } from './dataFlow';

/** Sizes in the graph's own pixels, before zooming. */
const boxSize = { width: 156, height: 46 } as const;
const frame = { top: 30, side: 14 } as const;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Route {
  readonly flow: Flow;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A box with what is drawn in it; places are relative to its upper left corner. */
interface Inner {
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<number, Place>;
  readonly routes: readonly Route[];
}

/** Where everything lies. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<number, Place>;
  readonly routes: readonly Route[];
}

/**
 * Lays out modules, never the whole graph: the children of every open box by themselves (Sugiyama's layers, by dagre), from the
 * inside out, an open box being as large as what is in it. Boxes whose inside has not changed keep their layout.
 */
export function graphLayouter({ all }: Boxes, flows: ReadonlyMap<number, readonly Flow[]>) {
  const known = new Map<string, Inner>();

  const inner = (box: Box, open: ReadonlySet<number>): { layout: Inner; signature: string } => {
    const opened = box.children.filter((id) => open.has(id) && isOpenable(all[id]));
    const insides = new Map(opened.map((id) => [id, inner(all[id], open)]));
    const signature = `${box.id}(${opened.map((id) => insides.get(id)?.signature).join()})`;
    let layout = known.get(signature);
    if (!layout) {
      const sizeOf = (id: number): { width: number; height: number } => insides.get(id)?.layout ?? boxSize;
      layout = layoutOf(box, sizeOf, flows.get(box.id) ?? []);
      known.set(signature, layout);
    }
    return { layout, signature };
  };

  return (open: ReadonlySet<number>): GraphLayout => {
    const places = new Map<number, Place>();
    const routes: Route[] = [];
    const put = (box: Box, left: number, top: number): Inner => {
      const { layout } = inner(box, open);
      for (const { flow, points } of layout.routes) {
        routes.push({ flow, points: points.map(({ x, y }) => ({ x: x + left, y: y + top })) });
      }
      for (const [id, { x, y, width, height }] of layout.places) {
        places.set(id, { x: x + left, y: y + top, width, height });
        if (open.has(id) && isOpenable(all[id])) put(all[id], x + left, y + top);
      }
      return layout;
    };
    const { width, height } = put(all[0], 0, 0);
    return { width, height, places, routes };
  };
}

function layoutOf(
  { children }: Box,
  sizeOf: (id: number) => { width: number; height: number },
  flows: readonly Flow[],
): Inner {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 34, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of children) {
    const { width, height } = sizeOf(id);
    graph.setNode(String(id), { width, height });
  }
  for (const { from, to } of flows) graph.setEdge(String(from), String(to));
  dagreLayout(graph);
  const places = new Map<number, Place>();
  let [width, height] = [0, 0];
  for (const id of children) {
    const node = graph.node(String(id)) as Place;
    const place = {
      x: node.x - node.width / 2 + frame.side,
      y: node.y - node.height / 2 + frame.top,
      width: node.width,
      height: node.height,
    };
    places.set(id, place);
    width = Math.max(width, place.x + place.width);
    height = Math.max(height, place.y + place.height);
  }
  const routes = flows.map((flow) => {
    const { points } = graph.edge(String(flow.from), String(flow.to)) as {
      points: { x: number; y: number }[];
    };
    return { flow, points: points.map(({ x, y }) => ({ x: x + frame.side, y: y + frame.top })) };
  });
  for (const { points } of routes) {
    for (const { x, y } of points) {
      width = Math.max(width, x);
      height = Math.max(height, y);
    }
  }
  return { width: width + frame.side, height: height + frame.side, places, routes };
}
