/** A workload as settings of the extension, and the same as arguments of the command line. */
export const workloadSettings = {
  'headroom.device': 'RTX 4090',
  'headroom.precision': 'fp32',
  'headroom.optimizer': 'adamw',
  'headroom.dimensions': { batch: 16 },
};

export const workloadArguments = [
  ...['--device', 'RTX 4090'],
  ...['--precision', 'fp32'],
  ...['--optimizer', 'adamw'],
  ...['--dim', 'batch=16'],
];
