// Guests of the machine: which threads of traces run in one, and on which of its vCPUs.

import { ErrnoError } from "../errno/index.ts";
import type { Hypervisor, HypervisorState, VCpu, Vm, VmOptions } from "../hypervisor/index.ts";
import type { Requester } from "./requesters.ts";
import type { TraceRequester, TraceSource } from "./source.ts";

/** Threads of traces: those that are as all of this says. */
export interface GuestThreads {
  /** The trace's `hash`. */
  readonly trace?: string;
  readonly pid?: number;
  readonly tid?: number;
  readonly comm?: string;
  readonly asid?: number;
}

const THREAD_KEYS: readonly string[] = ["trace", "pid", "tid", "comm", "asid"] satisfies (keyof GuestThreads)[];

/** What a guest is made of, and which threads of traces run in it. */
export interface GuestOptions extends VmOptions {
  /** Who runs in the guest, of traces that are added from now on; the first guest that takes a thread has it. */
  readonly threads?: readonly GuestThreads[];
  /** The guest of which this one is a guest, by name; `vcpus` are vCPUs of that then. It is `nested`. */
  readonly within?: string;
}

interface Taker {
  readonly vm: string;
  readonly within: string | undefined;
  readonly threads: readonly GuestThreads[];
}

export interface GuestsState {
  readonly hypervisor: HypervisorState;
  readonly takers: readonly Taker[];
  readonly places: readonly (readonly [thread: string, vm: string, tid: number, vcpu: number])[];
  readonly dealt: readonly (readonly [vm: string, count: number])[];
}

interface Place {
  readonly vm: string;
  readonly tid: number;
  /** The vCPU of a thread that was recorded without a cpu. */
  readonly vcpu: number;
}

export class Guests {
  readonly #takers: Taker[] = [];
  /** Threads of traces that have become threads of guests. */
  readonly #places = new Map<string, Place>();
  readonly #dealt = new Map<string, number>();

  constructor(
    private readonly hypervisor: Hypervisor,
    state?: Omit<GuestsState, "hypervisor">,
  ) {
    if (!state) return;
    this.#takers = [...state.takers];
    for (const [thread, vm, tid, vcpu] of state.places) this.#places.set(thread, { vm, tid, vcpu });
    this.#dealt = new Map(state.dealt);
  }

  /** Throws EINVAL, EEXIST, ENOENT. */
  add({ threads = [], within, ...options }: GuestOptions, isThere: (trace: string) => boolean): Vm {
    if (this.#takers.some(({ vm }) => vm === options.name)) {
      throw new ErrnoError("EEXIST", `there is a guest ${options.name} already`);
    }
    const unknown = threads.flatMap((one) => Object.keys(one)).find((key) => !THREAD_KEYS.includes(key));
    if (unknown !== undefined) {
      throw new ErrnoError(
        "EINVAL",
        `${options.name}: threads have no ${unknown}; ${THREAD_KEYS.join(", ")} pick them`,
      );
    }
    const late = threads.find(({ trace }) => trace !== undefined && isThere(trace));
    if (late) {
      throw new ErrnoError(
        "EINVAL",
        `${options.name}: the threads of trace ${late.trace} are tasks already; a guest takes those of traces that come after it`,
      );
    }
    const vm = this.#hypervisorOf(options.name, within).addVm(options);
    this.#takers.push({ vm: options.name, within, threads });
    return vm;
  }

  #hypervisorOf(name: string, within: string | undefined): Hypervisor {
    if (within === undefined) return this.hypervisor;
    const outer = this.hypervisor.vm(within);
    if (outer.hypervisor) return outer.hypervisor;
    throw new ErrnoError("EINVAL", `${name}: ${within} has no virtual EL2, which its guests need (nested: true)`);
  }

  /** The guest of this name, wherever it is. Throws ENOENT. */
  vm(name: string): Vm {
    const within = this.#takers.find(({ vm }) => vm === name)?.within;
    return this.#hypervisorOf(name, within).vm(name);
  }

  /** Where a thread of a trace runs that is a guest's. */
  placeOf(requester: TraceRequester, source: TraceSource): Omit<Requester, "el"> | undefined {
    const taker = this.#takers.find(({ threads }) => threads.some((one) => matches(one, requester, source)));
    if (!taker) return undefined;
    const vm = this.vm(taker.vm);
    const place = this.#placeIn(vm, requester, source);
    const vcpu = vm.vcpus[requester.cpu === undefined ? place.vcpu : requester.cpu % vm.vcpus.length] as VCpu;
    const inner = (requester.el ?? 0) > (vm.nested ? 2 : 1) ? [] : [place.tid];
    if (taker.within === undefined) return { path: [vcpu.tid, ...inner], cpu: vcpu.cpu };
    const outer = this.vm(taker.within).vcpus[vcpu.cpu] as VCpu;
    return { path: [outer.tid, vcpu.tid, ...inner], cpu: outer.cpu };
  }

  /** A thread becomes one of the guest's kernel, under its own number where that is free. */
  #placeIn(vm: Vm, requester: TraceRequester, source: TraceSource): Place {
    const thread = keyOf(requester, source);
    const known = this.#places.get(thread);
    if (known) return known;
    let tid = requester.tid > 0 ? requester.tid : 1;
    while (vm.kernel.task(tid)) tid++;
    const dealt = this.#dealt.get(vm.name) ?? 0;
    this.#dealt.set(vm.name, dealt + 1);
    const vcpu = dealt % vm.vcpus.length;
    const pid = requester.pid === requester.tid ? tid : requester.pid;
    vm.kernel.addTask({ tid, pid, comm: requester.comm ?? "", cpu: vcpu });
    const place = { vm: vm.name, tid, vcpu };
    this.#places.set(thread, place);
    return place;
  }

  /** What a thread of a trace is in a guest: its number there; undefined: it is none. */
  threadOf(requester: TraceRequester, source: TraceSource): { readonly vm: string; readonly tid: number } | undefined {
    const place = this.#places.get(keyOf(requester, source));
    return place && { vm: place.vm, tid: place.tid };
  }

  save(): GuestsState {
    return {
      hypervisor: this.hypervisor.save(),
      takers: this.#takers,
      places: [...this.#places].map(([thread, { vm, tid, vcpu }]) => [thread, vm, tid, vcpu] as const),
      dealt: [...this.#dealt],
    };
  }
}

function keyOf({ asid, pid, tid }: TraceRequester, { hash }: TraceSource): string {
  return `${hash}/${asid}/${pid}/${tid}`;
}

function matches(threads: GuestThreads, requester: TraceRequester, source: TraceSource): boolean {
  const { trace = source.hash, pid = requester.pid, tid = requester.tid } = threads;
  const { comm = requester.comm, asid = requester.asid } = threads;
  if (trace !== source.hash || pid !== requester.pid || tid !== requester.tid) return false;
  return comm === requester.comm && asid === requester.asid;
}
