// How the driver of a session boots.

export interface Booting {
  readonly compat?: "linux-7.3";
  readonly commandLine?: string;
  readonly smmus?: boolean;
}
