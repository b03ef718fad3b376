/** Whether a device of the catalogue is a CPU, which its name ends with. */
export const isProcessor = (name: string): boolean => name.endsWith('(CPU)');
