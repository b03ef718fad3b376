/** Packages the extension (which builds it first) and returns the path of the .vsix. A warning of the packager fails it. */
export declare function packageExtension(): Promise<string>;

/** Lines of the packager's output that warn; also coloured ones. */
export declare function warningsOf(output: string): string[];
