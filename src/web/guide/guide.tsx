// The guided start, step by step.

import { useRef, useState } from "preact/hooks";
import type { PageState } from "../state.ts";
import { STEPS, type Step } from "./steps.ts";

export function Guide({ page }: { readonly page: PageState }) {
  const [at, setAt] = useState(0);
  const [isOpen, setOpen] = useState(true);
  const title = useRef<HTMLHeadingElement>(null);
  const go = (to: number) => {
    setAt(to);
    // Who listens to the page hears the new step.
    title.current?.focus();
  };
  if (!isOpen) {
    return (
      <button type="button" class="quiet guide-again" onClick={() => setOpen(true)}>
        Show the guide
      </button>
    );
  }
  const step = STEPS[at] as Step;
  return (
    <section class="card guide" aria-labelledby="guide-title">
      <div class="guide-text">
        <p class="count">
          Step {at + 1} of {STEPS.length}
        </p>
        <h2 id="guide-title" ref={title} tabIndex={-1}>
          {step.title}
        </h2>
        <p>{step.text}</p>
        {step.why && (
          <details key={step.title}>
            <summary>{step.why.question}</summary>
            <p>{step.why.answer}</p>
          </details>
        )}
      </div>
      <div class="guide-do">
        <div class="row">
          {step.actions.map((action) => (
            <button key={action.label} type="button" class="accent" onClick={() => void action.run(page)}>
              {action.label}
            </button>
          ))}
        </div>
        <div class="row">
          <button type="button" disabled={at === 0} onClick={() => go(at - 1)}>
            Back
          </button>
          <button type="button" disabled={at === STEPS.length - 1} onClick={() => go(at + 1)}>
            Next
          </button>
          <button type="button" class="quiet" onClick={() => setOpen(false)}>
            Hide
          </button>
        </div>
      </div>
    </section>
  );
}
