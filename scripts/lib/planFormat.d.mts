/** The documentation of the plan format as Markdown, made from its schema. */
export function planFormatText(schema: object): string;
