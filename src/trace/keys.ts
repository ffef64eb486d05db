// Every key of a label map and of a trace's metadata in words, by the object it is in: with the schemas they make tables of
// docs/replay.md and docs/trace-format.md. Keys that are alike stand in one row, with commas between.

interface Words {
  readonly [place: string]: { readonly [keys: string]: string };
}

export const LABEL_MAP_KEYS: Words = {
  "": { rules: "the first that matches wins", default: "of requesters that no rule matches" },
  "rules[]": {
    match: "which requesters; all keys in it have to match, and there is one at least",
    label: "the label they have. A rule has this or `group`",
    group: "where they go: a control group, a monitor group of one, or the root",
  },
  "rules[].match": {
    "tid, pid, cpu, el, asid":
      "the requester's numbers; a thread without a recorded cpu has the one it is dealt to. A device has no `tid`, `pid`, `cpu` and `el`",
    "smmu, sid, ssid": "the stream that the trace names",
    "comm, source, device":
      "command, recording, and name of a device; `*` stands for any characters, `?` for one. A device has no `comm`",
  },
  "rules[].label": { space: "`ns` where it is absent", partid: "of the space", pmg: "0 where it is absent" },
  default: { "label, group": "one of both, as in a rule" },
  "default.label": { "space, partid, pmg": "as in a rule" },
};

export const METADATA_KEYS: Words = {
  "": {
    "mpam.version": "of the format; another one is refused. A file without this key is a user's",
    "mpam.form": "which columns there are",
    "mpam.address_rule":
      "`dense`: pages are numbered by first touch within each address space, from 0. `identity`: addresses as recorded",
    "mpam.address_seed": "`0`; other numbers are kept for rules that permute pages",
    "mpam.page_bytes": "size of the pages that are numbered",
    "mpam.spaces": "the footprint of each address space",
    "mpam.time_rule": "what times are made from ([below](#time))",
    "mpam.sources": "the files it was made from",
    "mpam.tool": "what wrote it",
    "mpam.requesters": "the requester table: 65,536 rows at most",
    "mpam.markers": "points with names. Files of users may have it too ([replay.md](replay.md#markers))",
    "mpam.order": "packed files that hold each requester by itself",
    "mpam.sampled": "samples and not every access; `trace info`, import and replay say so",
  },
  "mpam.spaces[]": { asid: "each once", pages: "how many it has" },
  "mpam.time_rule": {
    rule: "its name",
    nsPerInstruction: "with `instructions`",
    nsPerAccess: "with `accesses`",
  },
  "mpam.sources[]": {
    "name, bytes, sha256": "the file as it was read",
    records: "records (or lines) of every kind that were read",
    format: "as what it was read",
  },
  "mpam.requesters[]": {
    asid: "one of `mpam.spaces`",
    "pid, tid": "who it was",
    "cpu, el": "where they are recorded: cpu and exception level",
    comm: "its command",
    source: "name of the recording",
    label: "what the recording itself had for these accesses, replayed with it ([replay.md](replay.md#labels))",
    device: "name of a device of the platform, which stands in place of a thread",
    stream: "of an SMMU, which stands in place of a thread ([replay.md](replay.md#devices))",
  },
  "mpam.requesters[].label": { space: "of the PARTID", "partid, pmg": "the label" },
  "mpam.requesters[].stream": { "smmu, sid, ssid": "number of the SMMU, StreamID and SubstreamID" },
  "mpam.markers[]": { name: "of the point", record: "the first record after it, from 0" },
};
