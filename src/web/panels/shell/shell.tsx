// A shell on the resctrl tree of the machine: a line to type, and what came of the lines before.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Booted, Engine } from "../../engine/protocol.ts";
import { complete } from "./complete.ts";
import { History } from "./history.ts";
import { Screen } from "./screen.ts";
import { Shell as Bash } from "./shell.ts";
import "./shell.css";

interface Props {
  readonly engine: Engine;
  readonly booted: Booted;
}

const TRY = ["cat schemata", "ls info/L3", "mkdir web", 'echo "L3:0=0" > schemata', "grep . mon_data/*/*", "help"];

export function Shell({ engine }: Props) {
  const [screen] = useState(() => new Screen());
  const [history] = useState(() => new History());
  const bash = useMemo(() => new Bash(engine, screen), [engine, screen]);
  const [line, setLine] = useState("");
  const [directory, setDirectory] = useState(bash.directory);
  const running = useRef<AbortController | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  /** What is printed over and over is not read out. */
  const [repeats, setRepeats] = useState(false);
  const output = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const pieces = screen.pieces.value;

  useEffect(() => {
    output.current?.scrollTo(0, output.current.scrollHeight);
  }, [pieces]);

  // A command that is still running ends with the panel.
  useEffect(() => () => running.current?.abort(), []);

  const prompt = `root@mpam:${directory.replace(/^\/sys\/fs\/resctrl/, "resctrl")}# `;

  const run = async (text: string) => {
    screen.columns = columnsOf(output.current);
    screen.print(`${prompt}${text}\n`, "typed");
    history.add(text);
    setLine("");
    setBusy(true);
    setRepeats(/^\s*watch\b/.test(text));
    running.current = new AbortController();
    try {
      await bash.run(text, running.current.signal);
    } catch (error) {
      screen.print(`This shell has failed: ${String(error)}\n`, "err");
    }
    running.current = undefined;
    setBusy(false);
    setDirectory(bash.directory);
  };

  const interrupt = () => {
    screen.print(`${busy ? "" : `${prompt}${line}`}^C\n`, "typed");
    running.current?.abort();
    setLine("");
  };

  const tab = async (field: HTMLInputElement) => {
    const at = field.selectionStart ?? line.length;
    const { line: done, choices } = await complete(line.slice(0, at), bash);
    if (choices.length > 0 && done === line.slice(0, at)) screen.print(`${choices.join("  ")}\n`, "note");
    setLine(done + line.slice(at));
    requestAnimationFrame(() => field.setSelectionRange(done.length, done.length));
  };

  const key = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }) => {
    const field = event.currentTarget;
    const control = event.ctrlKey && !event.altKey && !event.metaKey;
    // On an empty line Tab goes on to what comes next in the page: nobody is held here.
    if (event.key === "Tab" && !event.shiftKey && line !== "" && !busy) {
      event.preventDefault();
      void tab(field);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const other = history.move(event.key === "ArrowUp" ? -1 : 1, line);
      if (other !== undefined) setLine(other);
    } else if (control && event.key === "c" && field.selectionStart === field.selectionEnd) {
      event.preventDefault();
      interrupt();
    } else if (control && event.key === "l") {
      event.preventDefault();
      screen.clear();
    } else if (control && event.key === "u") {
      event.preventDefault();
      setLine("");
    }
  };

  return (
    <div class="shell">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a click beside the line means the line; keys get there anyway */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div
        class="terminal"
        onClick={() => {
          if (getSelection()?.isCollapsed) input.current?.focus({ preventScroll: true });
        }}
      >
        <div
          ref={output}
          class="terminal-output"
          role="log"
          aria-live={repeats ? "off" : "polite"}
          aria-label="Output of the shell"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
          tabIndex={0}
        >
          {pieces.length === 0 && (
            <span class="note">
              The tree of the running machine, as Linux shows it. Type a command, or take one from below.{"\n"}
            </span>
          )}
          {pieces.map(({ id, text, kind }) => (
            <span key={id} class={kind}>
              {text}
            </span>
          ))}
        </div>
        <form
          class="terminal-line"
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy) void run(line);
          }}
        >
          <label for="shell-line">{prompt}</label>
          <input
            ref={input}
            id="shell-line"
            type="text"
            value={line}
            aria-description="Tab completes, arrow up and down go through what was typed, control C interrupts"
            autocapitalize="off"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setLine(event.currentTarget.value)}
            onKeyDown={key}
          />
          {busy && (
            <button type="button" class="quiet" onClick={interrupt}>
              Stop
            </button>
          )}
        </form>
      </div>
      <div class="row tries">
        <span class="hint">Try</span>
        {TRY.map((text) => (
          <button
            key={text}
            type="button"
            disabled={busy}
            onClick={() => {
              void run(text);
              input.current?.focus({ preventScroll: true });
            }}
          >
            <code>{text}</code>
          </button>
        ))}
      </div>
    </div>
  );
}

/** How many characters of its font go into a line of it. */
function columnsOf(element: HTMLElement | null): number {
  if (!element) return 80;
  const style = getComputedStyle(element);
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return 80;
  context.font = `${style.fontSize} ${style.fontFamily}`;
  const room = element.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
  return Math.max(20, Math.floor(room / context.measureText("0").width));
}
