import { el } from '../base/dom';
import { layersPane } from '../layers/layersPane';
import type { Connection } from '../state/connection';
import type { Store } from '../state/store';
import type { Pane } from '../state/view';
import { contain } from '../status/contain';
import { layerTabs } from '../ui/layerTabs';
import { graphPane } from './graphPane';

/** Layers as a tree or as a graph; what is not looked at is not drawn. */
export function layerViews(store: Store, connection: Connection): Pane {
  const tree = contain(layersPane(store, connection, layerTabs(store, 'layers')));
  const graph = contain(graphPane(store, layerTabs(store, 'graph')));
  return {
    element: el('div', { class: 'layer-views' }, tree.element, graph.element),
    render(view) {
      const { showsGraph } = view.ui;
      tree.element.hidden = showsGraph;
      graph.element.hidden = !showsGraph;
      (showsGraph ? graph : tree).render(view);
    },
  };
}
