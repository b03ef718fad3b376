/**
 * The only file that knows @vscode/webview-ui-toolkit. Its upstream is archived; to move to @vscode-elements/elements,
 * rewrite this file (tag mapping in webview/README.md).
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { el, setAttributes } from '../base/dom';
import { spokenName } from './spokenName';

/** Defines the custom elements. Call once, before anything is made. */
export function registerControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

type CustomElement = HTMLElement & { value: string; disabled: boolean; currentValue?: string };

function make(tag: string, attributes: Record<string, string | undefined>): CustomElement {
  const element = document.createElement(tag) as CustomElement;
  setAttributes(element, attributes);
  return element;
}

export interface ButtonOptions {
  readonly label: string;
  readonly appearance: 'primary' | 'secondary' | 'icon';
  /** Says more than the label, or what an icon means. */
  readonly title?: string;
  readonly onClick: () => void;
}

export function button({ label, appearance, title, onClick }: ButtonOptions): HTMLElement {
  const name = title === undefined ? label : spokenName(label, title);
  const element = make('vscode-button', { appearance, title, 'aria-label': name });
  element.textContent = label;
  element.addEventListener('click', onClick);
  return element;
}

export interface DropdownOption {
  readonly value: string;
  readonly label: string;
}

export interface Dropdown {
  readonly element: HTMLElement;
  update(options: readonly DropdownOption[], value: string): void;
}

/** A closed list; `onChange` is called for a person's choice only. */
export function dropdown(label: string, onChange: (value: string) => void): Dropdown {
  const element = make('vscode-dropdown', { 'aria-label': label });
  let shownOptions = '';
  let shownValue = '';
  element.addEventListener('change', () => {
    if (element.value === shownValue) return;
    shownValue = element.value;
    onChange(element.value);
  });
  return {
    element,
    update(options, value) {
      const signature = JSON.stringify(options);
      if (signature !== shownOptions) {
        shownOptions = signature;
        shownValue = value;
        // The component reads its options only after they were slotted: the attribute selects, not the property.
        element.replaceChildren(
          ...options.map((option) => {
            const item = make('vscode-option', {
              value: option.value,
              selected: option.value === value ? '' : undefined,
            });
            item.textContent = option.label;
            return item;
          }),
        );
      } else if (value !== shownValue) {
        shownValue = value;
        element.value = value;
      }
    },
  };
}

export interface TextField {
  readonly element: HTMLElement;
  /** Shows `value` unless the field is being edited. */
  update(value: string): void;
  setInvalid(message: string | undefined): void;
}

export interface TextFieldOptions {
  readonly id?: string;
  readonly label: string;
  /** Width in characters. */
  readonly size: number;
  readonly placeholder?: string;
  /** Called with what was typed, at Enter or when the focus leaves. */
  readonly onCommit?: (text: string) => void;
  /** Called at every change while typing. */
  readonly onInput?: (text: string) => void;
}

export function textField(options: TextFieldOptions): TextField {
  const { id, label, size, placeholder, onCommit, onInput } = options;
  const element = make('vscode-text-field', { id, size: String(size), placeholder });
  // The component names itself after its text when it is connected, whatever aria-label it had; ui.css hides the text.
  element.textContent = label;
  let shown = '';
  let editing = false;
  element.addEventListener('input', () => {
    editing = true;
    onInput?.(element.value);
  });
  element.addEventListener('change', () => {
    editing = false;
    if (element.value !== shown) onCommit?.(element.value);
  });
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !editing) return;
    editing = false;
    element.value = shown;
    // Only the typing ends, not what the field is in.
    event.preventDefault();
  });
  return {
    element,
    update(value) {
      shown = value;
      if (!editing && element.value !== value) element.value = value;
    },
    setInvalid(message) {
      setAttributes(element, { 'aria-invalid': message ? 'true' : undefined, title: message });
    },
  };
}

/** An endless ring; the text beside it says what goes on. */
export function progressRing(): HTMLElement {
  return el('span', { class: 'progress-ring', 'aria-hidden': 'true' }, make('vscode-progress-ring', {}));
}
