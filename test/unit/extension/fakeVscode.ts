/**
 * What the extension uses of the `vscode` module, in memory. vitest.config.mts puts it in the place of the real one.
 * Tests reach the same objects through `fake`.
 */

type Listener<T> = (event: T) => void;

export class Disposable {
  constructor(private readonly onDispose: () => void) {}
  static from(...all: { dispose(): void }[]): Disposable {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
  dispose(): void {
    this.onDispose();
  }
}

export class EventEmitter<T> {
  private readonly listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>): Disposable => {
    this.listeners.add(listener);
    return new Disposable(() => void this.listeners.delete(listener));
  };
  fire(event: T): void {
    for (const listener of [...this.listeners]) listener(event);
  }
  dispose(): void {
    this.listeners.clear();
  }
}

export enum FileType {
  Unknown = 0,
  File = 1,
}

export const ViewColumn = { Beside: -2 };

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

export class Range {
  constructor(
    readonly start: Position,
    readonly end: Position,
  ) {}
}

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly path: string,
    readonly query: string,
  ) {}
  static parse(text: string): Uri {
    const [, scheme, path, query = ''] = /^([^:]+):([^?]*)\??(.*)$/.exec(text) ?? [];
    return new Uri(scheme, path, query);
  }
  static file(path: string): Uri {
    return new Uri('file', path, '');
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    const segments = base.path.split('/');
    for (const part of parts) {
      if (part === '..') segments.pop();
      else segments.push(part);
    }
    return new Uri(base.scheme, segments.join('/') || '/', base.query);
  }
  with({ path = this.path }: { readonly path?: string }): Uri {
    return new Uri(this.scheme, path, this.query);
  }
  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    return `${this.scheme}:${this.path}${this.query && `?${this.query}`}`;
  }
}

export class FileSystemError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
  static FileNotFound(uri: Uri): FileSystemError {
    return new FileSystemError(`${uri.path} does not exist`, 'FileNotFound');
  }
}

export class CancellationError extends Error {}

export class RelativePattern {
  constructor(
    readonly base: Uri,
    readonly pattern: string,
  ) {}
}

type Operation = 'readFile' | 'writeFile' | 'rename' | 'delete';

class FakeFileSystem {
  readonly files = new Map<string, Uint8Array>();
  /** Operations that fail until the entry is removed, with this message. */
  readonly failures = new Map<Operation, string>();
  /** Called when `writeFile` has been asked for, before it happens. */
  beforeWrite: () => Promise<void> = () => Promise.resolve();

  async stat(uri: Uri): Promise<{ type: FileType; size: number }> {
    return { type: FileType.File, size: this.get(uri).length };
  }
  async readFile(uri: Uri): Promise<Uint8Array> {
    this.failWhenTold('readFile');
    return this.get(uri);
  }
  async writeFile(uri: Uri, bytes: Uint8Array): Promise<void> {
    await this.beforeWrite();
    // A write that fails leaves half a file.
    if (this.failures.has('writeFile')) this.files.set(uri.toString(), bytes.slice(0, bytes.length >> 1));
    this.failWhenTold('writeFile');
    this.files.set(uri.toString(), bytes);
  }
  async rename(from: Uri, to: Uri): Promise<void> {
    this.failWhenTold('rename');
    this.files.set(to.toString(), this.get(from));
    this.files.delete(from.toString());
  }
  async delete(uri: Uri): Promise<void> {
    this.failWhenTold('delete');
    this.get(uri);
    this.files.delete(uri.toString());
  }
  isWritableFileSystem(scheme: string): boolean | undefined {
    return scheme === 'file' || scheme === 'memfs' ? true : scheme === 'git' ? false : undefined;
  }

  text(uri: Uri): string | undefined {
    const bytes = this.files.get(uri.toString());
    return bytes && new TextDecoder().decode(bytes);
  }
  put(uri: Uri, text: string): void {
    this.files.set(uri.toString(), new TextEncoder().encode(text));
  }

  private get(uri: Uri): Uint8Array {
    const bytes = this.files.get(uri.toString());
    if (!bytes) throw FileSystemError.FileNotFound(uri);
    return bytes;
  }
  private failWhenTold(operation: Operation): void {
    const message = this.failures.get(operation);
    if (message !== undefined) throw new FileSystemError(message, 'Unavailable');
  }
}

class FakeWatcher {
  readonly changed = new EventEmitter<Uri>();
  readonly onDidCreate = this.changed.event;
  readonly onDidChange = this.changed.event;
  readonly onDidDelete = this.changed.event;
  constructor(readonly pattern: RelativePattern) {}
  dispose(): void {
    fake.watchers.delete(this);
  }
}

/** What tests look at and steer. */
export const fake = {
  fs: new FakeFileSystem(),
  watchers: new Set<FakeWatcher>(),
  /** Messages shown to the person, in order. */
  messages: [] as string[],
  /** Button the person presses on the next message. */
  answer: undefined as string | undefined,
  /** Files the person chooses in the next dialog. */
  chosen: undefined as readonly Uri[] | undefined,
  /** Documents shown as text, in order: path, and line from 0. */
  shown: [] as { path: string; line: number }[],
  reset(): void {
    fake.fs.files.clear();
    fake.fs.failures.clear();
    fake.fs.beforeWrite = () => Promise.resolve();
    fake.watchers.clear();
    fake.messages = [];
    fake.answer = undefined;
    fake.chosen = undefined;
    fake.shown = [];
  },
  /** Tells all watchers that a file changed. */
  touch(uri: Uri): void {
    for (const watcher of [...fake.watchers]) watcher.changed.fire(uri);
  },
};

async function message(text: string): Promise<string | undefined> {
  fake.messages.push(text);
  return fake.answer;
}

export const workspace = {
  fs: fake.fs,
  createFileSystemWatcher(pattern: RelativePattern): FakeWatcher {
    const watcher = new FakeWatcher(pattern);
    fake.watchers.add(watcher);
    return watcher;
  },
  /** A document is its address here. */
  openTextDocument: async (uri: Uri): Promise<Uri> => uri,
  /** By name, in any folder: patterns of two stars, a slash and the name. */
  findFiles: async (pattern: string): Promise<Uri[]> =>
    [...fake.fs.files.keys()]
      .map((key) => Uri.parse(key))
      .filter(({ path }) => path.endsWith(`/${pattern.slice('**/'.length)}`)),
};

export const window = {
  showWarningMessage: message,
  showErrorMessage: message,
  showInformationMessage: message,
  setStatusBarMessage: (text: string): void => void fake.messages.push(text),
  showOpenDialog: async (): Promise<readonly Uri[] | undefined> => fake.chosen,
  showTextDocument: async (uri: Uri, { selection }: { selection?: Range }): Promise<void> => {
    fake.shown.push({ path: uri.path, line: selection?.start.line ?? 0 });
  },
};

export const l10n = {
  t: (text: string, ...values: (string | number)[]): string =>
    text.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)])),
};

export const QuickPickItemKind = { Separator: -1, Default: 0 };

export const extensions = { getExtension: (): undefined => undefined };
