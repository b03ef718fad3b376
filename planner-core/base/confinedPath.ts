/** A path that stays in its folder, whatever the operating system: relative, no way up, no odd characters. */
export function staysInFolder(location: string): boolean {
  const isAbsolute = /^([/\\]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*:\/\/)/.test(location);
  const goesUp = location.split(/[/\\]/).includes('..');
  return location !== '' && !isAbsolute && !goesUp && !location.includes('\0');
}
