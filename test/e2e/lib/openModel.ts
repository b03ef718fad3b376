import { HeadroomView } from './headroomView';
import type { Workbench } from './workbench';

/** Opens a model file from the explorer and waits for its first plan. */
export async function openModel(workbench: Workbench, fileName: string): Promise<HeadroomView> {
  await workbench.openFromExplorer(fileName);
  const view = new HeadroomView(workbench.page, workbench.webview());
  await view.ready();
  return view;
}
