/** What the process says when it ends. The only place where the codes are set; `--help` names them too. */
export const exitCodes = {
  /** Stopped by a signal, the answers under way finished or their grace over; or help or version shown. */
  stopped: 0,
  /** The server could not listen: the port is taken, the address is not ours, no permission. */
  failed: 1,
  /** The command line, the environment or the root cannot be used; nothing was started. */
  usage: 2,
  /** A second Ctrl-C: ended at once. 128 and the number of SIGINT, as shells count. */
  interrupted: 130,
} as const;
