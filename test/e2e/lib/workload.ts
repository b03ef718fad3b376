/** The same workload as settings of the extension and as arguments of the command line. */
export const workloadSettings = {
  'headroom.device': 'RTX 4090',
  'headroom.precision': 'fp32',
  'headroom.optimizer': 'adamw',
};

export const workloadArguments = ['--device', 'RTX 4090', '--precision', 'fp32', '--optimizer', 'adamw'];
