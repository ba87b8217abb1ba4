/** The user and the group that own nothing. */
export const nobody = 65_534;

/** For a child of a test: what root may do tells nothing of what others may. Gives root's rights up for good. */
export function becomePlainUser(): void {
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}
