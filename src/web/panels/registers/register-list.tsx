// A list of registers in groups, each with what it holds; the one that is open is marked.

import { showHex } from "./numbers.ts";

export interface Item {
  readonly name: string;
  readonly group: string;
  /** Undefined: nothing can be read. */
  readonly value: bigint | undefined;
  readonly width: 32 | 64;
  readonly changed: boolean;
}

interface Props {
  readonly label: string;
  readonly groups: readonly string[];
  readonly items: readonly Item[];
  readonly opened: string;
  readonly open: (name: string) => void;
}

export function RegisterList({ label, groups, items, opened, open }: Props) {
  return (
    <nav class="register-list" aria-label={label}>
      {groups.map((group) => {
        const inside = items.filter((item) => item.group === group);
        if (inside.length === 0) return null;
        const id = `group-${group.replaceAll(" ", "-")}`;
        return (
          <div key={group}>
            <h3 id={id}>{group}</h3>
            <ul aria-labelledby={id}>
              {inside.map(({ name, value, width, changed }) => (
                <li key={name}>
                  <button
                    type="button"
                    class={changed ? "changed" : ""}
                    aria-current={name === opened}
                    onClick={() => open(name)}
                  >
                    <span class="register-name">{name}</span>
                    <code class="register-word">{value === undefined ? "–" : showHex(value, width)}</code>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
      {items.length === 0 && <p class="hint">No register is called so, or has such a field.</p>}
    </nav>
  );
}
