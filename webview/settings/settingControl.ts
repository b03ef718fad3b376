import type { Workload } from '../../planner-core/step/workload';

/** The control of one setting; hidden where the step has no use for it. */
export interface SettingControl {
  readonly element: HTMLElement;
  render(workload: Workload): void;
}
