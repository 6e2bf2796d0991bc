/** Keeps from the programs around a task's own what a step has set to change how programs start. */

/** Those of ld.so(8); other names that begin so are no business of the loader's, and may be secrets. */
const OF_THE_LOADER =
  "ASSUME_KERNEL|AUDIT|BIND_NO[TW]|DEBUG(?:_OUTPUT)?|DYNAMIC_WEAK|HWCAP_MASK|LIBRARY_PATH|ORIGIN_PATH|POINTER_GUARD|PREFER_MAP_32BIT_EXEC|PRELOAD|PROFILE(?:_OUTPUT)?|SHOW_AUXV|TRACE_LOADED_OBJECTS|TRACE_PRELINKING|USE_LOAD_BIAS|VERBOSE|WARN";
/** Those of bash(1) that it heeds from outside. */
const OF_BASH = "ENV|FUNC_.*|COMPAT|LOADABLES_PATH|XTRACEFD|ARGV0";
/**
 * Names by which the loader, a shell or systemd runs or asks something else (ld.so(8), bash(1), sd-bus): a step that sets one means
 * its own programs. `systemd-run`, `unshare`, `bwrap` and the shells around a program start outside of its sandbox.
 */
const STARTS_OTHERWISE = new RegExp(
  `^(?:LD_(?:${OF_THE_LOADER})|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|BASH_(?:${OF_BASH})|BASHOPTS|SHELLOPTS|PS4|ENV|SYSTEMD_.*|DBUS_.*|XDG_RUNTIME_DIR)$`,
  "su",
);

export type InnerEnvironment = {
  /** For the outermost program. */
  readonly env: Readonly<Record<string, string>>;
  /** Stands right before the program itself, and gives it the rest; empty when there is none. */
  readonly argv: readonly string[];
};

/** What `env` sets is the same for the program itself in the end, the order of its names aside. */
export function innerEnvironment(env: Readonly<Record<string, string>>): InnerEnvironment {
  const kept = Object.entries(env).filter(([name]) => STARTS_OTHERWISE.test(name));
  if (kept.length === 0) return { env, argv: [] };
  return {
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !STARTS_OTHERWISE.test(name))),
    argv: ["/usr/bin/env", ...kept.map(([name, value]) => `${name}=${value}`)],
  };
}
