/** An area for practice says so by its name, which is in the signed policy. */
export const is_training = (area: string): boolean => /^training(?:[._-]|$)/.test(area)
