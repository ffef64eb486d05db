// What can be done with keys: opened by ? and by a button.

import { useEffect, useRef } from "preact/hooks";
import { isTyping } from "./top/transport.tsx";

const KEYS: readonly (readonly [where: string, keys: readonly (readonly [key: string, does: string])[]])[] = [
  [
    "Anywhere",
    [
      ["k", "plays and pauses"],
      ["?", "opens this"],
    ],
  ],
  [
    "Portions of a group",
    [
      ["← →", "go from portion to portion; Home and End to the ends"],
      ["Space", "gives the portion to the group, or takes it away"],
      ["Shift ← →", "make the next portion like this one, as dragging does"],
    ],
  ],
  [
    "The picture",
    [
      ["← → ↑ ↓", "go from line to line; what it holds is told below"],
      ["Page, Home, End", "go further"],
      ["Esc", "leaves the line"],
    ],
  ],
  [
    "Shell",
    [
      ["Tab", "completes; on an empty line it goes on in the page"],
      ["↑ ↓", "bring back what was typed"],
      ["Ctrl C", "ends what runs"],
      ["Ctrl L, Ctrl U", "clear the output, the line"],
    ],
  ],
  [
    "Registers",
    [
      ["Enter", "writes a number: decimal, 0x hexadecimal or 0b binary"],
      ["Esc", "leaves the number as it was"],
    ],
  ],
];

export function KeysHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "?" || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      event.preventDefault();
      if (!dialog.current?.open) dialog.current?.showModal();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <button type="button" class="quiet" onClick={() => dialog.current?.showModal()}>
        Keys <kbd>?</kbd>
      </button>
      <dialog ref={dialog} class="keys-help" aria-labelledby="keys-title">
        <form method="dialog" class="card-head">
          <h2 id="keys-title">Keys</h2>
          <button type="submit">Close</button>
        </form>
        <div class="keys-columns">
          {KEYS.map(([where, keys]) => (
            <section key={where}>
              <h3>{where}</h3>
              <dl>
                {keys.map(([key, does]) => (
                  <div key={key}>
                    <dt>
                      <kbd>{key}</kbd>
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </dialog>
    </>
  );
}
